import { DAY_US, Monitor } from '@mettle/contracts';
import type { MonitorInput, MonitorResult } from '@mettle/contracts';
import { ENDPOINT } from './world.ts';

export const monitorOf = (over: Partial<MonitorInput> = {}): Monitor =>
  Monitor.parse({ v: 1, name: 'loss', endpoint: ENDPOINT, kind: 'performance', metric: 'log_loss', window: 7 * DAY_US, every: DAY_US, floor: 0.03, hysteresis: { k: 2, n: 3, closeBelow: 0.8 }, ...over });

/** A result at `day`: its value is `level` times the threshold; null is undetermined. */
export const resultAt = (day: number, level: number | null, over: Partial<MonitorResult> = {}): MonitorResult => ({
  v: 1, monitor: 'loss', kind: 'performance', endpoint: ENDPOINT, version: { model: 'm', version: 1 }, metric: 'log_loss', column: null, segment: null, at: day * DAY_US,
  value: level === null ? null : level * 0.05, threshold: level === null ? null : 0.05, pValue: null, rows: { reference: 0, current: 100 },
  state: level === null ? 'undetermined' : level > 1 ? 'breach' : 'ok', reason: null, ...over,
});
