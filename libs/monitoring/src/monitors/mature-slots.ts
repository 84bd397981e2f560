import { versionKey } from '@mettle/contracts';
import type { Monitor, SlotSums } from '@mettle/contracts';
import { labelCtes } from '@mettle/datasets';
import { sqlString } from '@mettle/duckdb';
import { lossSql, scoreSql } from '../losses.ts';
import { tableWithin } from '../tables.ts';
import type { RunMonitorsInput } from './context.ts';

export interface MatureRows {
  /** Rows that the champion scored (served, or beside another arm) in the window. */
  readonly rows: number;
  readonly labelled: number;
  /** Own loss of the champion per slot, over labelled rows. */
  readonly slots: SlotSums[];
}

/** T of the window whose labels had time to arrive. */
export const matureWindow = (input: RunMonitorsInput, monitor: Monitor): { from: number; to: number } => {
  const to = input.watermark - input.plan.policy.maturation;
  return { from: to - monitor.window, to };
};

/** One query over the mature window: labelled and all rows per slot, with the loss that `metric` averages. */
export async function matureRows(input: RunMonitorsInput, monitor: Monitor, metric: string): Promise<MatureRows> {
  const window = matureWindow(input, monitor);
  const space = input.plan.model;
  const { unit, units } = lossSql(space, metric);
  const { score, usable } = scoreSql(space);
  const width = input.plan.policy.slot.width;
  const predictions = await tableWithin(input.blobs, input.catalogue, 'predictions', window);
  const labels = await tableWithin(input.blobs, input.catalogue, 'labels', { from: window.from, to: input.watermark + 1 });
  const rows = await input.db.all<{ slot: number; rows: number; labelled: number; loss: number }>(`
WITH scored AS MATERIALIZED (
    SELECT prediction_id, any_value(endpoint) AS endpoint, any_value("at") AS at, any_value(keys) AS keys, max(${score}) AS p FROM ${predictions}
    WHERE version = ${sqlString(versionKey(input.champion))} AND endpoint = ${sqlString(input.plan.endpoint)} AND "at" >= ${window.from} AND "at" < ${window.to} AND error IS NULL AND ${usable(score)}
    GROUP BY prediction_id),
  ${labelCtes({ labels, rows: 'scored', asOf: input.watermark, from: window.from, space })}
SELECT s.at // ${width} * ${width} AS slot, count(*) AS rows, count(n.value) AS labelled, coalesce(sum(CASE WHEN n.value IS NOT NULL THEN ${units('n.value', 's.p')} END), 0)::DOUBLE AS loss
FROM scored s LEFT JOIN named n USING (prediction_id) GROUP BY slot ORDER BY slot`);
  const slots = rows.filter(({ labelled }) => labelled > 0).map(({ slot, labelled, loss }) => ({ at: slot, rows: labelled, sum: loss * unit, champion: loss * unit, candidate: 0 }));
  return { rows: rows.reduce((sum, row) => sum + row.rows, 0), labelled: rows.reduce((sum, row) => sum + row.labelled, 0), slots };
}
