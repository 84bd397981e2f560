import { expect } from 'vitest';
import { versionKey } from '@mettle/contracts';
import type { Lived } from './liveThroughKills.ts';
import { besideOf, servedOf } from './world.ts';

/** Every answer is in the log once, as it was given, by the version of its epoch; every other version scored it too. */
export function expectNothingLost({ answers, entries, champions, exitCode }: Lived): void {
  const served = new Map(servedOf(entries).map((entry) => [entry.requestId, entry]));
  expect(servedOf(entries)).toHaveLength(served.size);
  expect([...served.keys()].sort()).toEqual([...answers.keys()].sort());
  const beside = new Map(besideOf(entries).map((entry) => [entry.requestId, entry]));
  expect(besideOf(entries)).toHaveLength(served.size);
  for (const [id, { body }] of answers) {
    const entry = served.get(id)!;
    expect(body.outputs![0]!.data).toEqual(entry.rows.flatMap(({ scores }) => scores[0]!.outputs!['probabilities']));
    expect(body.parameters!['epoch']).toBe(entry.epoch);
    for (const [i, row] of entry.rows.entries()) {
      const versions = [...row.scores, ...beside.get(id)!.rows[i]!.scores].map(({ version, error }) => `${versionKey(version)} ${error}`).sort();
      expect(versions).toEqual(['trips@1 null', 'trips@2 null']);
      expect([champions.get(entry.epoch), 'trips@2']).toContain(versionKey(row.scores[0]!.version));
    }
  }
  expect(exitCode).toBe(0);
}
