import { appendFile, mkdtemp, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openBlobStore } from '@mettle/blob-store';
import { openAppendLog, readPiece, sealToBlobs, type AppendLog } from '../index.ts';

type Line = { n: number; text?: string };
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mettle-log-'));
});
const openLog = (durability: 'process' | 'disk' = 'process'): Promise<AppendLog<Line>> => openAppendLog<Line>({ dir, durability });
const lines = (from: number, to: number): Line[] => Array.from({ length: to - from + 1 }, (_, i) => ({ n: from + i, text: 'ü\n,"\u2028' }));
async function all(log: AppendLog<Line>, from = 1): Promise<number[]> {
  const found: number[] = [];
  for await (const { n } of log.read(from)) found.push(n);
  return found;
}
const range = (from: number, to: number): number[] => lines(from, to).map(({ n }) => n);
const active = async (): Promise<string> => join(dir, (await readdir(dir)).find((name) => name.endsWith('.open'))!);

describe.each(['process', 'disk'] as const)('an append log (%s)', (durability) => {
  it('numbers records 1, 2, 3, ... in the order of the calls and reads them back, also after it is opened again', async () => {
    const log = await openLog(durability);
    const given = await Promise.all([log.append(lines(1, 3)), log.append(lines(4, 4)), log.append([]), log.append(lines(5, 9))]);
    expect(given).toEqual([{ from: 1, to: 3 }, { from: 4, to: 4 }, { from: 5, to: 4 }, { from: 5, to: 9 }]);
    expect(await all(log)).toEqual(range(1, 9));
    await log.close();
    const again = await openLog(durability);
    expect(again.last).toBe(9);
    expect(await again.append(lines(10, 10))).toEqual({ from: 10, to: 10 });
    expect(await all(again, 4)).toEqual(range(4, 10));
    const texts: (string | undefined)[] = [];
    for await (const { text } of again.read(10)) texts.push(text);
    expect(texts).toEqual(['ü\n,"\u2028']);
    await again.close();
  });

  it('seals into pieces that repeat with the same hashes until they are forgotten; sequences go on', async () => {
    let log = await openLog(durability);
    expect(await log.seal()).toEqual([]);
    await log.append(lines(1, 5));
    const [first] = await log.seal();
    expect(first).toMatchObject({ rows: 5, sequences: { from: 1, to: 5 } });
    await log.append(lines(6, 7));
    await log.close();
    log = await openLog(durability);
    const pieces = await log.seal();
    expect(pieces.map(({ sequences }) => sequences)).toEqual([{ from: 1, to: 5 }, { from: 6, to: 7 }]);
    expect(pieces[0]!.hash).toBe(first!.hash);
    expect(readPiece<Line>(await pieces[1]!.content()).map(({ n }) => n)).toEqual([6, 7]);
    expect(await all(log, 2)).toEqual(range(2, 7));
    await log.forget(first!.hash);
    await log.forget('0'.repeat(64));
    expect((await log.seal()).map(({ sequences }) => sequences.from)).toEqual([6]);
    await log.forget(pieces[1]!.hash);
    await log.close();
    log = await openLog(durability);
    expect(log.last).toBe(7);
    expect(await log.append(lines(8, 8))).toEqual({ from: 8, to: 8 });
    expect(await all(log)).toEqual([8]);
    await log.close();
  });
});

describe('sealing beside appends', () => {
  it('loses, doubles and reorders nothing while appends go on', async () => {
    const log = await openLog();
    const sealed: number[] = [];
    const seal = async (): Promise<void> => {
      for (const piece of await log.seal()) {
        sealed.push(...readPiece<Line>(await piece.content()).map(({ n }) => n));
        await log.forget(piece.hash);
      }
    };
    let n = 0;
    for (let round = 0; round < 60; round += 1) {
      const writes = Array.from({ length: 5 }, () => log.append(lines(n + 1, (n += 7))));
      const sealing = round % 3 === 0 ? seal() : Promise.resolve();
      writes.push(log.append(lines(n + 1, (n += 2))));
      await (round % 2 === 0 ? Promise.all(writes) : Promise.resolve());
      writes.push(log.append(lines(n + 1, (n += 1))));
      await Promise.all([...writes, sealing]);
    }
    await seal();
    expect(sealed).toEqual(range(1, n));
    await log.close();
  });

  it('gives pieces to the blob store under the hash of the piece, again and again', async () => {
    const blobs = openBlobStore(join(dir, 'blobs'));
    const log = await openAppendLog<Line>({ dir: join(dir, 'log'), durability: 'process' });
    await log.append(lines(1, 3));
    const raws = await sealToBlobs(log, blobs, { log: 'labels', writer: 'p0' });
    expect(raws).toMatchObject([{ log: 'labels', writer: 'p0', rows: 3, sequences: { from: 1, to: 3 } }]);
    expect(await sealToBlobs(log, blobs, { log: 'labels', writer: 'p0' })).toEqual(raws);
    expect(readPiece<Line>(await blobs.get(raws[0]!.hash)).map(({ n }) => n)).toEqual([1, 2, 3]);
    await log.close();
  });
});

describe('what a crash leaves', () => {
  it('truncates a torn tail: an append is there whole or not at all', async () => {
    const whole = await openLog();
    await whole.append(lines(1, 3));
    await whole.append(lines(4, 6));
    await whole.close();
    const path = await active();
    const bytes = await readFile(path);
    const first = bytes.toString('utf8').split('\n').slice(0, 3).join('\n').length;
    expect(first).toBeGreaterThan(10);
    for (let cut = bytes.length - 1; cut > 0; cut -= 1) {
      await writeFile(path, bytes.subarray(0, cut));
      const log = await openLog();
      const expected = cut >= Buffer.byteLength(bytes.toString('utf8').split('\n').slice(0, 3).join('\n')) + 1 ? 3 : 0;
      expect([cut, log.last]).toEqual([cut, expected]);
      await log.append([{ n: expected + 1 }]);
      expect(await all(log)).toEqual(range(1, expected + 1));
      await log.close();
      await truncate(path, 0);
    }
  });

  it('truncates garbage at the tail', async () => {
    const log = await openLog();
    await log.append(lines(1, 2));
    await log.close();
    await appendFile(await active(), Buffer.concat([Buffer.alloc(512), Buffer.from('\nnonsense\n')]));
    const again = await openLog();
    expect(again.last).toBe(2);
    await again.append(lines(3, 3));
    expect(await all(again)).toEqual([1, 2, 3]);
    await again.close();
  });

  it('refuses a log whose record before the tail was changed (CORRUPT_LOG)', async () => {
    const log = await openLog();
    for (const line of lines(1, 3)) await log.append([line]);
    await log.close();
    const path = await active();
    const bytes = await readFile(path);
    for (const at of [0, 8, 12, bytes.indexOf('\n') + 15]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at] === 0x2b ? 0x20 : 0x2b;
      await writeFile(path, damaged);
      await expect(openLog()).rejects.toMatchObject({ code: 'CORRUPT_LOG' });
    }
  });

  it('finishes a rotation, and a packing, that was cut off', async () => {
    let log = await openLog();
    await log.append(lines(1, 2));
    await log.close();
    // Rotated, but no new file yet.
    await rename(await active(), join(dir, `${'1'.padStart(16, '0')}-${'2'.padStart(16, '0')}.raw`));
    log = await openLog();
    expect(log.last).toBe(2);
    await log.append(lines(3, 4));
    await log.close();
    // A new file, but the old one not renamed yet; and a piece half written.
    await writeFile(join(dir, `${'5'.padStart(16, '0')}.open`), '');
    await writeFile(join(dir, 'x.gz.new'), 'half');
    log = await openLog();
    expect(log.last).toBe(4);
    expect(await all(log)).toEqual([1, 2, 3, 4]);
    const pieces = await log.seal();
    expect(pieces.map(({ sequences }) => sequences)).toEqual([{ from: 1, to: 2 }, { from: 3, to: 4 }]);
    // Packed, but the raw file not deleted yet.
    const raw = join(dir, `${'1'.padStart(16, '0')}-${'2'.padStart(16, '0')}.raw`);
    await writeFile(raw, 'already packed');
    expect((await log.seal()).map(({ hash }) => hash)).toEqual(pieces.map(({ hash }) => hash));
    await log.close();
  });
});
