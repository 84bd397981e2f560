import type { ObservationRecord } from '@mettle/event-log';
import { flatJson } from './flat-json.ts';
import type { Draft } from './segment-writer.ts';
import { OBSERVATION_COLUMNS } from './tables.ts';

export function observationDraft(records: readonly ObservationRecord[]): Draft {
  const unique = [...new Map(records.map((record) => [record.predictionId, record])).values()];
  const data: unknown[][] = [
    unique.map((r) => r.predictionId), unique.map((r) => r.requestId), unique.map((r) => r.endpoint), unique.map((r) => r.at),
    unique.map((r) => flatJson(r.keys)), unique.map((r) => flatJson(r.request)),
  ];
  let [from, to] = [Infinity, -Infinity];
  for (const { sequence } of unique) [from, to] = [Math.min(from, sequence), Math.max(to, sequence)];
  return { table: 'observations', name: '', columns: OBSERVATION_COLUMNS, data, times: data[3] as number[], sequences: { from, to }, orderBy: '"at", prediction_id' };
}
