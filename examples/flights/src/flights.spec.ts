import { Monitor, Policy } from '@mettle/contracts';
import { compileService, hashOfService, serviceDefinition } from '@mettle/feature-language';
import { describe, expect, it } from 'vitest';
import { flightLateness, flightLatenessWide, monitors, policy } from './index.ts';

describe('the flights project', () => {
  it('compiles', () => {
    const narrow = compileService(serviceDefinition(flightLateness));
    const wide = compileService(serviceDefinition(flightLatenessWide));
    expect(narrow.features.filter((f) => f.category).map((f) => f.name)).toEqual(['carrier', 'origin', 'dest']);
    expect([narrow.features.length, wide.features.length]).toEqual([15, 20]);
    expect(hashOfService(serviceDefinition(flightLateness))).toBe(narrow.hash);
    expect(narrow.joinKeys).toEqual(['origin', 'plane']);
    expect(wide.joinKeys).toEqual(['carrier', 'dest', 'origin', 'plane']);
  });

  it('has a policy and monitors that the contracts accept', () => {
    expect(Policy.parse(policy).segments.map((s) => s.column)).toEqual(['origin']);
    for (const monitor of monitors) expect(Monitor.parse(monitor).endpoint).toBe('flight-lateness');
  });
});
