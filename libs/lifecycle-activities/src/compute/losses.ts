import { labelCtes } from '@mettle/datasets';
import { CLIP } from '@mettle/evaluation';

/** Losses are summed in whole units of 1e-9: the mean is the same bits whatever the files, threads or order. */
const UNIT = 1e-9;

const loss = (label: string, p: string): string => `CAST(round((-ln(least(greatest(CASE WHEN ${label} = 1 THEN ${p} ELSE 1 - ${p} END, ${CLIP}), 1 - ${CLIP}))) / ${UNIT}) AS BIGINT)`;

/**
 * CTEs from `scored(prediction_id, at, endpoint, keys, p)` to `judged(prediction_id, at, p, label, units)`: each row with
 * the label known at the watermark.
 */
export const judgedCtes = (labels: string, watermark: number): string => `
  ${labelCtes({ labels, rows: 'scored', asOf: watermark })},
  judged AS (
    SELECT s.prediction_id, s."at", s.p, n.value AS label, CASE WHEN n.value IS NOT NULL AND s.p IS NOT NULL AND isfinite(s.p) THEN ${loss('n.value', 's.p')} END AS units
    FROM scored s LEFT JOIN named n USING (prediction_id))`;

/** Sums by (month, week) of T in UTC: what {@link meansOf} folds. */
export const judgedSums = `SELECT strftime(make_timestamp("at"), '%Y-%m') AS month, strftime(make_timestamp("at"), '%G-W%V') AS week,
  count(*)::INTEGER AS rows, count(units)::INTEGER AS labelled, coalesce(sum(units), 0)::DOUBLE AS units FROM judged GROUP BY ALL ORDER BY ALL`;

export interface JudgedSum { readonly month: string; readonly week: string; readonly rows: number; readonly labelled: number; readonly units: number }

/** Mean log loss over labelled rows: in all, by month and by ISO week. `rows` of a part are its labelled rows. */
export function meansOf(sums: readonly JudgedSum[]) {
  const mean = (part: readonly JudgedSum[]): { rows: number; mean: number | null } => {
    const rows = part.reduce((total, one) => total + one.labelled, 0);
    return { rows, mean: rows === 0 ? null : (part.reduce((total, one) => total + one.units, 0) * UNIT) / rows };
  };
  const names = (of: 'month' | 'week'): string[] => [...new Set(sums.map((one) => one[of]))].sort();
  return {
    rows: sums.reduce((total, one) => total + one.rows, 0),
    labelled: mean(sums).rows,
    mean: mean(sums).mean,
    byMonth: names('month').map((month) => ({ month, ...mean(sums.filter((one) => one.month === month)) })),
    byWeek: names('week').map((week) => ({ week, ...mean(sums.filter((one) => one.week === week)) })),
  };
}
