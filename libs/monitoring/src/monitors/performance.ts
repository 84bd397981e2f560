import type { Monitor, MonitorResult } from '@mettle/contracts';
import { rowLoss, summariseSlots } from '@mettle/evaluation';
import { normalCdf, normalSf, normalUpperQuantile } from '@mettle/statistics';
import { resultOf } from './context.ts';
import type { RunMonitorsInput } from './context.ts';
import { matureRows } from './mature-slots.ts';

const text = (value: number): string => String(Number(value.toPrecision(4)));

/**
 * The champion's mean loss on mature labels against its loss at qualification. `value` is the excess over the
 * reference, so that a fraction of the threshold means something; a breach is an excess above the floor that is also
 * beyond chance, by the long-run variance of the slots (rows of an hour share their causes). Undetermined without a
 * reference, or with fewer slots than two days hold.
 */
export async function performance(input: RunMonitorsInput, monitor: Monitor): Promise<MonitorResult> {
  if (input.referenceLoss === null) return resultOf(monitor, input, { reason: 'the champion has no reference loss' });
  const { slots, labelled } = await matureRows(input, monitor, monitor.metric);
  const rows = { reference: 0, current: labelled };
  const { lag } = input.plan.policy.slot;
  const { estimate, variance, slots: n } = summariseSlots(slots, lag);
  if (estimate === null) return resultOf(monitor, input, { rows, reason: 'no mature label in the window' });
  if (n < Math.max(lag + 1, 12)) return resultOf(monitor, input, { rows, reason: `${n} slots with labels are too few` });
  const { task, classes } = input.plan.model;
  const higher = rowLoss(task, monitor.metric, classes).direction === 'higher';
  const reference = higher ? 1 - input.referenceLoss : input.referenceLoss;
  const value = estimate - reference;
  const error = Math.sqrt(variance / n);
  const threshold = Math.max(monitor.floor, normalUpperQuantile(monitor.alpha) * error);
  const pValue = error > 0 ? normalSf(value / error) : value > 0 ? 0 : 1;
  return resultOf(monitor, input, { rows, value, threshold, pValue, state: value > threshold ? 'breach' : 'ok', reason: `${monitor.metric} ${text(higher ? 1 - estimate : estimate)} against ${text(input.referenceLoss)} at qualification` });
}

/**
 * The share of mature rows that are labelled. `floor` is the least share; a breach is a share below it by more than
 * chance. Rows without a label never count as good.
 */
export async function coverage(input: RunMonitorsInput, monitor: Monitor): Promise<MonitorResult> {
  const { rows: n, labelled } = await matureRows(input, monitor, input.plan.policy.success.metric);
  const rows = { reference: 0, current: n };
  if (n === 0) return resultOf(monitor, input, { rows, reason: 'no mature prediction in the window' });
  const value = labelled / n;
  const pValue = normalCdf((value - monitor.floor) / Math.sqrt((monitor.floor * (1 - monitor.floor)) / n || Number.MIN_VALUE));
  return resultOf(monitor, input, { rows, value, threshold: monitor.floor, pValue, state: value < monitor.floor && pValue <= monitor.alpha ? 'breach' : 'ok' });
}
