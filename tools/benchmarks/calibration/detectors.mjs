// Change detectors on the error streams of tools/goldens/detector_streams.py, beside River's alarms on the same streams.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as statistics from '@mettle/statistics';

const { detectionDelay, falseAlarmsPer100k, unpackBits } = statistics;
const file = join(resolve(import.meta.dirname, '../../../libs/statistics/goldens'), 'detector-streams.json.gz');

const DETECTORS = [
  { name: 'adwin', start: 'startAdwin', update: 'updateAdwin' },
  { name: 'ddm', start: 'startDdm', update: 'updateDdm' },
  { name: 'eddm', start: 'startEddm', update: 'updateEddm' },
  { name: 'pageHinkley', start: 'startPageHinkley', update: 'updatePageHinkley' },
  { name: 'kswin', start: 'startKswin', update: 'updateKswin' },
  { name: 'cusum', start: 'startCusum', update: 'updateCusum' },
];

const shown = (of) => (of === null ? null : { mean: Number(of.mean.toPrecision(4)), standardError: of.standardError === null ? null : Number(of.standardError.toPrecision(2)) });
const figures = (all) => {
  const stationary = all.filter((stream) => stream.kind === 'stationary');
  const delays = (kind) => {
    const { delay, detected, of } = detectionDelay(all.filter((stream) => stream.kind === kind));
    return { delay: shown(delay), detected, of };
  };
  return { falseAlarmsPer100k: shown(falseAlarmsPer100k(stationary)), sudden: delays('sudden'), gradual: delays('gradual') };
};

/** One row per detector and generator: ours, River's, and whether every alarm has the same index. */
export function generatorRates(_random, say) {
  const { streams, kswinRows } = JSON.parse(gunzipSync(readFileSync(file)).toString());
  return ['SEA', 'STAGGER'].flatMap((generator) => DETECTORS.map(({ name, start, update }) => {
    say(`generators: ${generator}, ${name}`);
    const both = streams.filter((stream) => stream.generator === generator).map(({ kind, seed, length: all, change, bits, river }) => {
      const length = name === 'kswin' && kind === 'stationary' ? kswinRows : all;
      const values = unpackBits(Buffer.from(bits, 'base64'), length);
      const ours = statistics[update](statistics[start](name === 'kswin' ? { seed } : {}), values).changes;
      return { ours: { kind, length, change, alarms: ours }, river: river[name] === undefined ? null : { kind, length, change, alarms: river[name] } };
    });
    const peer = both.every(({ river }) => river !== null);
    const same = peer ? both.every(({ ours, river }) => JSON.stringify(ours.alarms) === JSON.stringify(river.alarms)) : null;
    return { detector: name, generator, ours: figures(both.map(({ ours }) => ours)), river: peer ? figures(both.map(({ river }) => river)) : null, sameAlarms: same };
  }));
}
