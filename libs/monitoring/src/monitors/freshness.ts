import { HOUR_US } from '@mettle/contracts';
import type { Monitor, MonitorResult } from '@mettle/contracts';
import { resultOf } from './context.ts';
import type { RunMonitorsInput } from './context.ts';
import { servedService } from './served-service.ts';

/**
 * How long ago each source that the champion reads was last heard from: hours between the newest `knownAt` of its events
 * and the watermark. `floor` is the longest silence; `column` names the source. A source that never spoke is undetermined.
 */
export async function freshness(input: RunMonitorsInput, monitor: Monitor): Promise<MonitorResult[]> {
  const service = (await servedService(input, { from: input.watermark - monitor.window, to: input.watermark })) ?? input.plan.model.service;
  const { sources } = await input.definitionOf(service);
  const wanted = sources.map(({ name }) => name).filter((name) => monitor.columns.length === 0 || monitor.columns.includes(name));
  return wanted.map((column) => {
    const heard = input.catalogue.segments.filter(({ table, name, rows }) => table === 'events' && name === column && rows > 0);
    const current = heard.reduce((sum, { rows }) => sum + rows, 0);
    const rows = { reference: 0, current };
    if (current === 0) return resultOf(monitor, input, { column, rows, reason: 'the source has sent nothing yet' });
    // The range of a segment ends one µs after its newest event.
    const newest = heard.reduce((last, { range }) => Math.max(last, range.to - 1), Number.MIN_SAFE_INTEGER);
    const value = Math.max(0, input.watermark - newest) / HOUR_US;
    return resultOf(monitor, input, { column, rows, value, threshold: monitor.floor, state: value > monitor.floor ? 'breach' : 'ok' });
  });
}
