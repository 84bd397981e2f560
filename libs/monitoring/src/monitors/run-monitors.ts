import { Profile } from '@mettle/contracts';
import type { MonitorResult } from '@mettle/contracts';
import type { RunMonitorsInput } from './context.ts';
import { inputDrift, outputDrift } from './drift.ts';
import type { InputProfiles } from './drift.ts';
import { isDue } from './due.ts';
import { freshness } from './freshness.ts';
import { parity } from './parity.ts';
import { coverage, performance } from './performance.ts';

/**
 * Runs the plan's monitors that are due at the watermark: one result per monitor and column. `profiles` are the blobs
 * of the windows' profiles, with the reference's edges. What cannot be judged is `undetermined` with its reason.
 */
export async function runMonitors(input: RunMonitorsInput): Promise<{ results: MonitorResult[]; profiles: string[] }> {
  const before = input.before ?? input.watermark - input.plan.cadence;
  const due = input.plan.monitors.filter((monitor) => isDue(monitor, before, input.watermark));
  const needsProfile = due.some(({ kind }) => kind === 'inputDrift') && input.referenceProfile !== null;
  const reference = needsProfile && input.referenceProfile !== null ? await input.blobs.getJson(input.referenceProfile, Profile) : null;
  const results: MonitorResult[] = [];
  const profiles: string[] = [];
  const scanned: InputProfiles = new Map();
  for (const monitor of due) {
    if (monitor.kind === 'inputDrift') {
      const found = await inputDrift(input, monitor, reference, scanned);
      results.push(...found.results);
      if (found.profile !== null) profiles.push(await input.blobs.putJson(found.profile));
    } else if (monitor.kind === 'outputDrift') results.push(...(await outputDrift(input, monitor)));
    else if (monitor.kind === 'performance') results.push(await performance(input, monitor));
    else if (monitor.kind === 'coverage') results.push(await coverage(input, monitor));
    else if (monitor.kind === 'freshness') results.push(...(await freshness(input, monitor)));
    else results.push(await parity(input, monitor));
  }
  return { results, profiles: [...new Set(profiles)] };
}
