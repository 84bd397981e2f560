import type { LabelRecord } from '@mettle/contracts';
import { flatJson } from './flat-json.ts';
import type { Draft } from './segment-writer.ts';
import { LABEL_COLUMNS } from './tables.ts';

export function labelDraft(records: readonly LabelRecord[]): Draft {
  const unique = [...new Map(records.map((record) => [record.sequence, record])).values()].sort((a, b) => a.sequence - b.sequence);
  const target = unique.map((record) => record.target);
  const data: unknown[][] = [
    unique.map((r) => r.labelId),
    target.map((t) => ('predictionId' in t ? t.predictionId : null)),
    target.map((t) => ('endpoint' in t ? t.endpoint : null)),
    target.map((t) => ('keys' in t ? flatJson(t.keys) : null)),
    target.map((t) => ('at' in t ? t.at : null)),
    unique.map((r) => r.value), unique.map((r) => r.revision), unique.map((r) => r.eventTime), unique.map((r) => r.knownAt), unique.map((r) => r.sequence), unique.map((r) => r.source),
  ];
  const sequences = { from: unique[0]?.sequence ?? 0, to: unique[unique.length - 1]?.sequence ?? 0 };
  return { table: 'labels', name: '', columns: LABEL_COLUMNS, data, times: data[8] as number[], sequences, orderBy: 'sequence' };
}
