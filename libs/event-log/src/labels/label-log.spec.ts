import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openBlobStore } from '@mettle/blob-store';
import { LabelRecord, type LabelInput } from '@mettle/contracts';
import { openLabelLog, type LabelLog } from '../index.ts';
import { collect } from '../testing/collect.ts';

let dir: string;
let log: LabelLog;
const openLog = (): Promise<LabelLog> => openLabelLog({ dir: join(dir, 'labels'), durability: 'process', blobs: openBlobStore(join(dir, 'blobs')) });
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mettle-labels-'));
  log = await openLog();
});
const label = (labelId: string, over: Partial<LabelInput> = {}): LabelInput => ({
  labelId, target: { endpoint: 'e', keys: { f: 'x' }, at: 50 }, value: 1, revision: 0, eventTime: 90, publishedAt: 100, source: 's', ...over,
});

describe('labels', () => {
  it('are accepted once; a higher revision corrects, a lower one is ignored, also after a restart', async () => {
    expect(await log.append([label('a'), label('b'), label('a')], 'event')).toMatchObject({ accepted: 2, duplicates: 1, position: 2 });
    await log.close();
    log = await openLog();
    const { records, duplicates } = await log.append([label('a'), label('a', { revision: 2, value: 0, publishedAt: 90 }), label('a', { revision: 1, value: 0.5 })], 'event');
    expect(duplicates).toBe(2);
    expect(records.map((record) => LabelRecord.parse(record))).toEqual(records);
    expect(records).toMatchObject([{ labelId: 'a', revision: 2, value: 0, sequence: 3, knownAt: 100 }]);
    expect((await collect(log.read(1))).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('are refused when they contradict themselves, change their target, precede their prediction, or are no numbers', async () => {
    await log.append([label('a')], 'event');
    const refused = async (over: Partial<LabelInput>, code: string): Promise<void> => {
      await expect(log.append([label('z'), label('a', over)], 'event')).rejects.toMatchObject({ code });
    };
    await refused({ value: 0 }, 'CONFLICTING_LABEL');
    await refused({ eventTime: 91 }, 'CONFLICTING_LABEL');
    await refused({ revision: 1, target: { predictionId: 'ab'.repeat(32) } }, 'CONFLICTING_LABEL');
    await refused({ eventTime: 49 }, 'LABEL_BEFORE_PREDICTION');
    await refused({ value: Number.NaN }, 'NOT_A_NUMBER');
    await refused({ publishedAt: null }, 'MISSING_KNOWN_AT');
    expect(log.last).toBe(1);
  });

  it('on the wall clock are known at increasing times', async () => {
    const { records } = await log.append([label('a', { publishedAt: null }), label('b', { publishedAt: null, source: 't' })], 'wall');
    expect(records[1]!.knownAt).toBeGreaterThan(records[0]!.knownAt);
    expect(records[0]!.knownAt).toBeGreaterThan(1.6e15);
  });

  it('seal into the blob store', async () => {
    await log.append([label('a')], 'event');
    expect(await log.seal()).toMatchObject([{ log: 'labels', rows: 1 }]);
  });
});
