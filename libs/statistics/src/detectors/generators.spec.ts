import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectionDelay, falseAlarmsPer100k, unpackBits } from '../calibration/detector-rates.ts';
import * as d from './index.ts';

interface Stream { readonly generator: string; readonly kind: string; readonly seed: number; readonly length: number; readonly change: number | null; readonly bits: string; readonly river: Record<string, number[]> }

/** Made by tools/goldens/detector_streams.py; the versions are in the file. */
const { streams } = JSON.parse(gunzipSync(readFileSync(new URL('../../goldens/detector-streams.json.gz', import.meta.url))).toString()) as { streams: Stream[] };

const DETECTORS: Record<string, (values: Uint8Array) => readonly number[]> = {
  adwin: (values) => d.updateAdwin(d.startAdwin(), values).changes,
  ddm: (values) => d.updateDdm(d.startDdm(), values).changes,
  eddm: (values) => d.updateEddm(d.startEddm(), values).changes,
  pageHinkley: (values) => d.updatePageHinkley(d.startPageHinkley(), values).changes,
};

describe.each(Object.keys(DETECTORS))('%s on the errors of an online learner', (name) => {
  it.each(['SEA', 'STAGGER'])('alarms at River\'s rows on every stream of %s', (generator) => {
    let alarms = 0;
    for (const { bits, length, kind, seed, river } of streams.filter((stream) => stream.generator === generator)) {
      const want = river[name] ?? [];
      expect(DETECTORS[name]?.(unpackBits(Buffer.from(bits, 'base64'), length)), `${kind} ${seed}`).toEqual(want);
      alarms += want.length;
    }
    expect(alarms).toBeGreaterThan(20);
  });
});

describe('rates over streams', () => {
  const judged = [{ length: 50_000, change: null, alarms: [7, 9] }, { length: 25_000, change: null, alarms: [] }, { length: 60, change: 30, alarms: [5, 30, 40] }, { length: 60, change: 30, alarms: [39] }, { length: 60, change: 30, alarms: [29] }];
  it('count alarms of unchanged streams and delays from the change on', () => {
    expect(falseAlarmsPer100k(judged)).toEqual({ mean: 2, standardError: 2 });
    expect(detectionDelay(judged)).toEqual({ delay: { mean: 4.5, standardError: 4.5 }, detected: 2, of: 3 });
    expect(falseAlarmsPer100k([])).toBeNull();
    expect(falseAlarmsPer100k(judged.slice(1, 2))).toEqual({ mean: 0, standardError: 4 });
    expect(detectionDelay(judged.slice(3)).delay).toEqual({ mean: 9, standardError: null });
    expect(detectionDelay(judged.slice(4))).toEqual({ delay: null, detected: 0, of: 1 });
  });
  it('unpack bits as NumPy packs them', () => {
    expect(Array.from(unpackBits(Uint8Array.of(0b10110000, 0b01000000), 10))).toEqual([1, 0, 1, 1, 0, 0, 0, 0, 0, 1]);
  });
});
