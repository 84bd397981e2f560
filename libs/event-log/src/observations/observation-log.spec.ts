import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openBlobStore } from '@mettle/blob-store';
import { predictionIdOf, type ObservationInput } from '@mettle/contracts';
import { openObservationLog, type ObservationLog } from '../index.ts';
import { collect } from '../testing/collect.ts';

let log: ObservationLog;
beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mettle-observations-'));
  log = await openObservationLog({ dir, durability: 'process', blobs: openBlobStore(join(dir, 'blobs')) });
});
const row = (requestId: string, over: Partial<ObservationInput> = {}): ObservationInput => ({ requestId, keys: { o: 'JFK', d: 'LAX' }, request: { x: 1, y: null }, at: 5, ...over });

describe('observations', () => {
  it('carry the id that a prediction of the same request would have', async () => {
    const odd = 'ü"\\\n\u2028\u0001';
    await log.append('e', [row('r1'), row(odd)]);
    expect((await collect(log.read(1))).map(({ predictionId, sequence }) => [predictionId, sequence])).toEqual([[predictionIdOf('e', 'r1', 0), 1], [predictionIdOf('e', odd, 0), 2]]);
  });

  it('are accepted once; a request id names one body', async () => {
    expect(await log.append('e', [row('r1'), row('r1', { keys: { d: 'LAX', o: 'JFK' } })])).toEqual({ accepted: 1, duplicates: 1, position: 1 });
    expect(await log.append('other', [row('r1')])).toMatchObject({ accepted: 1 });
    await expect(log.append('e', [row('r2'), row('r1', { at: 6 })])).rejects.toMatchObject({ code: 'REQUEST_REUSED' });
    await expect(log.append('e', [row('r3', { request: { x: Number.NaN } })])).rejects.toMatchObject({ code: 'NOT_A_NUMBER' });
    expect(log.last).toBe(2);
    expect(await log.seal()).toMatchObject([{ log: 'observations', rows: 2 }]);
  });
});
