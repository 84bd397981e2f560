import fc from 'fast-check';
import type { MettleError} from '@mettle/contracts';
import { type RouteTable } from '@mettle/contracts';
import { describe, expect, it } from 'vitest';
import { assignArm, inSample } from './assign.ts';
import { emptyTable } from './table.ts';
import { versionsToScore } from './score-plan.ts';
import { filesOf, plan, ref } from './testing/fixtures.ts';
import { nextTable } from './transition.ts';

const challenged = (share: number): RouteTable => {
  let table = emptyTable('flights', plan);
  table = nextTable(table, { action: 'deploy', version: ref(1), share: null, at: 1 }, filesOf(1));
  table = nextTable(table, { action: 'startShadow', version: ref(2), share: null, at: 2 }, filesOf(2));
  return nextTable(table, { action: 'startChallenge', version: ref(2), share, at: 3 });
};

describe('assignArm', () => {
  it('keeps a unit on its arm whatever arrives in between', () => {
    const table = challenged(2000);
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (planes) => {
        const first = new Map(planes.map((plane) => [plane, assignArm(table, { plane, flight: 'UA1' })]));
        for (const plane of [...planes].reverse()) expect(assignArm(table, { plane, flight: 'UA1' })).toEqual(first.get(plane));
      }),
    );
  });

  it('gives the challenger the buckets below its share and the champion the rest', () => {
    const table = challenged(2000);
    for (let i = 0; i < 2000; i++) {
      const { bucket, assigned, version } = assignArm(table, { plane: `N${i}` });
      expect(assigned).toBe(bucket < 2000 ? 'challenger' : 'champion');
      expect(version).toEqual(bucket < 2000 ? ref(2) : ref(1));
    }
  });

  it('draws the edge between two neighbouring buckets', () => {
    const { bucket } = assignArm(challenged(2000), { plane: 'N1' });
    expect(assignArm(challenged(bucket), { plane: 'N1' })).toMatchObject({ bucket, assigned: 'champion' });
    expect(assignArm(challenged(bucket + 1), { plane: 'N1' })).toMatchObject({ bucket, assigned: 'challenger' });
  });

  it('names the unit by the first sticky key that is there: the plane, else the flight', () => {
    const table = challenged(2000);
    expect(assignArm(table, { plane: 'N1', flight: 'UA7' }).sticky).toBe('plane=N1');
    expect(assignArm(table, { flight: 'UA7' }).sticky).toBe('flight=UA7');
    expect(assignArm(table, { plane: '', flight: 'UA7' }).sticky).toBe('flight=UA7');
    expect(assignArm(table, { origin: 'JFK' }, {}, { plane: null, flight: 'UA7' }).sticky).toBe('flight=UA7');
    expect(assignArm(table, { origin: 'JFK' }).sticky).toBe('{"origin":"JFK"}');
  });

  it('follows a request header and says that it did', () => {
    const table = { ...challenged(1), overrides: plan.overrides };
    expect(assignArm(table, { plane: 'N1' }, { 'x-arm': 'new' })).toMatchObject({ assigned: 'challenger', version: ref(2), overridden: true });
    expect(assignArm(table, { plane: 'N1' }, { 'x-arm': 'old' })).toMatchObject({ assigned: 'champion', overridden: true });
    expect(assignArm(table, { plane: 'N1' }, { 'x-arm': 'other' }).overridden).toBe(false);
  });

  it('serves the champion when a header asks for a challenger and there is none', () => {
    const table = nextTable(emptyTable('flights', plan), { action: 'deploy', version: ref(1), share: null, at: 1 }, filesOf(1));
    expect(assignArm(table, { plane: 'N1' }, { 'x-arm': 'new' })).toMatchObject({ assigned: 'champion', version: ref(1) });
  });

  it('refuses while there is no champion and while paused', () => {
    expect(() => assignArm(emptyTable('flights', plan), { plane: 'N1' })).toThrow(expect.objectContaining({ code: 'NO_CHAMPION' }) as MettleError);
    const paused = nextTable(challenged(1), { action: 'pause', version: ref(1), share: 0, at: 4 });
    expect(() => assignArm(paused, { plane: 'N1' })).toThrow(expect.objectContaining({ code: 'PAUSED' }) as MettleError);
  });
});

describe('inSample', () => {
  it('takes about its share of the units, not those of the challenger', () => {
    const table = challenged(2000);
    let both = 0;
    let sampled = 0;
    for (let i = 0; i < 20_000; i++) {
      const { sticky, assigned } = assignArm(table, { plane: `N${i}` });
      if (!inSample(table, sticky, 3000)) continue;
      sampled++;
      if (assigned === 'challenger') both++;
    }
    expect(Math.abs(sampled - 6000) / Math.sqrt(20_000 * 0.3 * 0.7)).toBeLessThan(4.5);
    expect(Math.abs(both - sampled * 0.2) / Math.sqrt(sampled * 0.2 * 0.8)).toBeLessThan(4.5);
    expect(inSample(table, 'plane=N1', 10_000)).toBe(true);
  });
});

describe('versionsToScore', () => {
  it('names every version once with its part and its arm, the champion first', () => {
    let table = challenged(2000);
    table = nextTable(table, { action: 'promote', version: ref(2), share: null, at: 4 });
    table = nextTable(table, { action: 'startShadow', version: ref(3), share: 500, at: 5 }, filesOf(3));
    expect(versionsToScore(table).map(({ key, role, arm, sample }) => [key, role, arm, sample])).toEqual([
      ['late@2', 'champion', 'champion', 10_000],
      ['late@3', 'shadow', 'shadow', 500],
      ['late@1', 'warm', 'shadow', 10_000],
    ]);
    expect(versionsToScore(emptyTable('flights', plan))).toEqual([]);
  });
});
