import { versionKey, type PredictionRow, type Scored } from '@mettle/contracts';
import { inSample } from '@mettle/routing';
import type { BesideEntry, ServedEntry } from '../log/predictionLog.ts';
import { scoreRows } from './scoreRows.ts';
import type { Serving } from './serving.ts';

/** Rows scored in one run, over all requests of a batch. */
const RUN_ROWS = 512;

/**
 * What the versions that did not serve answer to the same rows, from the vectors that were read when they were served.
 * Each version runs once for many requests.
 * @returns an entry for each request, in order
 */
export async function scoreBeside(serving: Serving, entries: readonly ServedEntry[]): Promise<BesideEntry[]> {
  const rows: { row: PredictionRow; scores: Scored[] }[] = [];
  const besides = entries.map((entry): BesideEntry => ({
    v: 1,
    kind: 'beside',
    endpoint: entry.endpoint,
    requestId: entry.requestId,
    epoch: entry.epoch,
    rows: entry.rows.map((row) => {
      const scores: Scored[] = [];
      rows.push({ row, scores });
      return { row: row.row, vectors: [], scores };
    }),
  }));
  for (const version of serving.versions) {
    const due = rows.filter(({ row }) => inSample(serving.table, row.sticky, version.sample) && !row.scores.some((score) => versionKey(score.version) === version.key));
    for (let from = 0; from < due.length; from += RUN_ROWS) {
      const run = due.slice(from, from + RUN_ROWS);
      const scores = await scoreRows(version, version.arm, run.map(({ row }) => row));
      for (const [i, { scores: own }] of run.entries()) own.push(scores[i] as Scored);
    }
  }
  return besides;
}
