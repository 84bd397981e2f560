import type { LabelSpace } from '@mettle/contracts';
import { labelCtes } from '@mettle/datasets';
import { scoreSql, type LossSql } from '@mettle/monitoring';

/**
 * CTEs from `scored(prediction_id, at, endpoint, keys, p, probabilities)` to `judged(those, label, units)`: each row with
 * the label known at the watermark and, where its score can be judged, its loss in whole units: the mean is the same bits
 * whatever the files, threads or order.
 */
export const judgedCtes = (labels: string, watermark: number, space: LabelSpace, { units }: LossSql): string => {
  const { score, usable } = scoreSql(space);
  return `
  ${labelCtes({ labels, rows: 'scored', asOf: watermark, space })},
  judged AS (
    SELECT s.* EXCLUDE (score), n.value AS label, CASE WHEN n.value IS NOT NULL AND ${usable('s.score')} THEN ${units('n.value', 's.score')} END AS units
    FROM (SELECT *, ${score} AS score FROM scored) s LEFT JOIN named n USING (prediction_id))`;
};

/** Sums by (month, week) of T in UTC: what {@link meansOf} folds. */
export const judgedSums = `SELECT strftime(make_timestamp("at"), '%Y-%m') AS month, strftime(make_timestamp("at"), '%G-W%V') AS week,
  count(*)::INTEGER AS rows, count(units)::INTEGER AS labelled, coalesce(sum(units), 0)::DOUBLE AS units FROM judged GROUP BY ALL ORDER BY ALL`;

export interface JudgedSum { readonly month: string; readonly week: string; readonly rows: number; readonly labelled: number; readonly units: number }

/** A metric's mean over labelled rows: in all, by month and by ISO week. `rows` of a part are its labelled rows. */
export function meansOf(sums: readonly JudgedSum[], { metric, unit, direction }: LossSql) {
  const mean = (part: readonly JudgedSum[]): { rows: number; mean: number | null } => {
    const rows = part.reduce((total, one) => total + one.labelled, 0);
    if (rows === 0) return { rows, mean: null };
    const mean = (part.reduce((total, one) => total + one.units, 0) * unit) / rows;
    return { rows, mean: direction === 'higher' ? 1 - mean : mean };
  };
  const names = (of: 'month' | 'week'): string[] => [...new Set(sums.map((one) => one[of]))].sort();
  return {
    metric,
    rows: sums.reduce((total, one) => total + one.rows, 0),
    labelled: mean(sums).rows,
    mean: mean(sums).mean,
    byMonth: names('month').map((month) => ({ month, ...mean(sums.filter((one) => one.month === month)) })),
    byWeek: names('week').map((week) => ({ week, ...mean(sums.filter((one) => one.week === week)) })),
  };
}
