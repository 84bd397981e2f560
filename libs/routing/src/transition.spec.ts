import fc from 'fast-check';
import type { MettleError} from '@mettle/contracts';
import { RouteTable, versionKey } from '@mettle/contracts';
import { describe, expect, it } from 'vitest';
import { KEEP_WARM, emptyTable, roleOf, tableHash, versionsInTable, withPlan, withSealThrough } from './table.ts';
import { filesOf, plan, ref } from './testing/fixtures.ts';
import { nextTable, transition, type Proposal } from './transition.ts';

const start = emptyTable('flights', plan);
const act = (action: Proposal['action'], n: number, share: number | null = null, at = 1): Proposal => ({ action, version: ref(n), share, at });
const run = (...steps: Proposal[]): RouteTable => steps.reduce((table, step) => nextTable(table, step, filesOf(step.version.version)), start);
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as MettleError).code;
  }
  return 'none';
};

const live = run(act('deploy', 1), act('startShadow', 2), act('startShadow', 3), act('startChallenge', 2, 2000));

describe('a life of routes', () => {
  it('goes from the first champion through shadow and challenge to a promotion that keeps the former champion warm', () => {
    expect(live).toMatchObject({ epoch: 4, champion: ref(1), challengers: [{ version: ref(2), share: 2000 }], shadows: [{ version: ref(3), sample: 10_000 }], warm: [] });
    const promoted = transition(live, act('promote', 2));
    expect(promoted.table).toMatchObject({ epoch: 5, champion: ref(2), challengers: [], warm: [ref(1)] });
    expect(promoted.replaced).toEqual(ref(1));
  });

  it('rolls back to the warm version, keeps the withdrawn one warm, and lets it be promoted again', () => {
    const back = transition(nextTable(live, act('promote', 2)), act('rollBack', 2));
    expect(back.table).toMatchObject({ champion: ref(1), warm: [ref(2)] });
    expect(back.replaced).toEqual(ref(1));
    expect(nextTable(back.table, act('promote', 2))).toMatchObject({ champion: ref(2), warm: [ref(1)] });
  });

  it('does not undo a rollback that is ordered twice', () => {
    const back = nextTable(nextTable(live, act('promote', 2)), act('rollBack', 2));
    expect(codeOf(() => nextTable(back, act('rollBack', 2)))).toBe('INVALID_TRANSITION');
  });

  it('rejects a candidate out of the table, and leaves the table alone for one that never entered it', () => {
    expect(nextTable(live, act('reject', 2))).toMatchObject({ epoch: 5, challengers: [] });
    expect(nextTable(live, act('reject', 3))).toMatchObject({ epoch: 5, shadows: [] });
    expect(transition(live, act('reject', 9))).toEqual({ table: live, changed: false, replaced: null });
  });

  it('records an approval without a change of route', () => {
    expect(transition(live, act('approve', 2))).toEqual({ table: live, changed: false, replaced: null });
  });

  it('pauses with a share of nothing and resumes with a share of all', () => {
    const paused = nextTable(live, act('pause', 1, 0));
    expect(paused).toMatchObject({ paused: true, epoch: 5 });
    expect(nextTable(paused, act('pause', 1, 10_000))).toMatchObject({ paused: false, epoch: 6 });
  });

  it('deals the units anew for each challenge, the same for the same challenge', () => {
    const again = run(act('deploy', 1), act('startShadow', 2), act('startShadow', 3), act('startChallenge', 2, 2000));
    const next = nextTable(nextTable(live, act('reject', 2)), act('startChallenge', 3, 2000));
    expect(again.salt).toBe(live.salt);
    expect(next.salt).not.toBe(live.salt);
  });

  it('never lets the effective time go back', () => {
    expect(nextTable(run(act('deploy', 1, null, 100)), act('startShadow', 2, null, 50), filesOf(2)).effectiveFrom).toBe(100);
  });
});

describe('what is refused', () => {
  const promoted = nextTable(live, act('promote', 2));
  it.each<[string, RouteTable, Proposal, string]>([
    ['a deploy over a champion', live, act('deploy', 9), 'INVALID_TRANSITION'],
    ['a shadow without a champion', start, act('startShadow', 2), 'NO_CHAMPION'],
    ['a challenge without a champion', start, act('startChallenge', 2, 100), 'NO_CHAMPION'],
    ['a promotion without a champion', start, act('promote', 2), 'NO_CHAMPION'],
    ['a rollback without a champion', start, act('rollBack', 2), 'NO_CHAMPION'],
    ['a pause without a champion', start, act('pause', 2), 'NO_CHAMPION'],
    ['an approval without a champion', start, act('approve', 2), 'NO_CHAMPION'],
    ['the champion as a shadow', live, act('startShadow', 1), 'INVALID_TRANSITION'],
    ['a challenger as a shadow', live, act('startShadow', 2), 'INVALID_TRANSITION'],
    ['a shadow twice', live, act('startShadow', 3), 'INVALID_TRANSITION'],
    ['a shadow of no rows', live, act('startShadow', 9, 0), 'INVALID_INPUT'],
    ['a second challenger', live, act('startChallenge', 3, 100), 'CHALLENGE_TAKEN'],
    ['the challenger challenging again', live, act('startChallenge', 2, 100), 'INVALID_TRANSITION'],
    ['a challenge that skips the shadow', nextTable(live, act('reject', 2)), act('startChallenge', 9, 100), 'INVALID_TRANSITION'],
    ['a challenge without a share', nextTable(live, act('reject', 2)), act('startChallenge', 3), 'INVALID_INPUT'],
    ['a challenge of no traffic', nextTable(live, act('reject', 2)), act('startChallenge', 3, 0), 'INVALID_INPUT'],
    ['promoting a shadow', live, act('promote', 3), 'INVALID_TRANSITION'],
    ['promoting a stranger', live, act('promote', 9), 'INVALID_TRANSITION'],
    ['promoting the champion', live, act('promote', 1), 'INVALID_TRANSITION'],
    ['approving the champion', live, act('approve', 1), 'INVALID_TRANSITION'],
    ['approving a stranger', live, act('approve', 9), 'INVALID_TRANSITION'],
    ['rejecting the champion', live, act('reject', 1), 'INVALID_TRANSITION'],
    ['rolling back what is not the champion', promoted, act('rollBack', 1), 'INVALID_TRANSITION'],
    ['rolling back with nothing warm', live, act('rollBack', 1), 'INVALID_TRANSITION'],
    ['half a pause', live, act('pause', 1, 5000), 'INVALID_INPUT'],
    ['a pause that names another version', live, act('pause', 2, 0), 'INVALID_TRANSITION'],
    ['resuming what runs', live, act('pause', 1, 10_000), 'INVALID_TRANSITION'],
  ])('%s', (_what, table, proposal, code) => {
    const before = structuredClone(table);
    expect(codeOf(() => nextTable(table, proposal, filesOf(9)))).toBe(code);
    expect(table).toEqual(before);
  });

  it('a version without its files', () => {
    expect(codeOf(() => nextTable(start, act('deploy', 1)))).toBe('INVALID_INPUT');
  });
});

describe('the plan and the feed', () => {
  it('take new overrides at once and new sticky keys only between challenges', () => {
    const newer = { overrides: [], policy: { stickyKeys: ['carrier'] } };
    expect(withPlan(live, newer)).toMatchObject({ overrides: [], stickyKeys: ['plane', 'flight'] });
    expect(withPlan(nextTable(live, act('reject', 2)), newer)).toMatchObject({ overrides: [], stickyKeys: ['carrier'] });
  });

  it('carry the order to seal beside the content', () => {
    const sealing = withSealThrough(live, 77);
    expect(sealing).toMatchObject({ sealThrough: 77, hash: live.hash, epoch: live.epoch });
    expect(tableHash(sealing)).toBe(live.hash);
  });
});

describe('any sequence of decisions', () => {
  const actions = ['deploy', 'startShadow', 'startChallenge', 'approve', 'promote', 'reject', 'rollBack', 'pause'] as const;
  const proposal = fc.record({
    action: fc.constantFrom(...actions),
    version: fc.integer({ min: 1, max: 4 }).map(ref),
    share: fc.constantFrom(null, 0, 1, 2000, 10_000),
    at: fc.integer({ min: 0, max: 1000 }),
  });

  it('keeps the invariants of a table', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(proposal, { minLength: 40, maxLength: 120, size: 'max' }), (proposals) => {
        let table = start;
        for (const step of proposals) {
          const moved = attempt(table, step);
          if (moved === null) continue;
          const next = moved.table;
          seen.add(step.action);
          expect(moved.changed).toBe(next !== table);
          expect(next.epoch).toBe(table.epoch + (moved.changed ? 1 : 0));
          expect(next.hash === table.hash).toBe(!moved.changed);
          expect(next.hash).toBe(tableHash(next));
          expect(next.effectiveFrom).toBeGreaterThanOrEqual(table.effectiveFrom);
          expect(next.challengers.length).toBeLessThanOrEqual(1);
          expect(next.warm.length).toBeLessThanOrEqual(KEEP_WARM);
          expect(next.champion === null).toBe(next.epoch === 0);
          const refs = [next.champion, ...next.challengers.map((c) => c.version), ...next.shadows.map((s) => s.version), ...next.warm].filter((r) => r !== null);
          expect(versionsInTable(next)).toHaveLength(refs.length);
          expect(Object.keys(next.files).sort()).toEqual(refs.map(versionKey).sort());
          if (['promote', 'deploy'].includes(step.action)) expect(roleOf(next, step.version)).toBe('champion');
          if (step.action === 'rollBack') expect(roleOf(next, step.version)).toBe('warm');
          if (step.action === 'reject') expect(roleOf(next, step.version)).toBeNull();
          expect(RouteTable.parse(next)).toEqual(next);
          table = next;
        }
      }),
      { numRuns: 300, seed: 11 },
    );
    expect(seen).toEqual(new Set(actions));
  });

  it('gives the same table for the same sequence', () => {
    fc.assert(
      fc.property(fc.array(proposal, { maxLength: 30 }), (proposals) => {
        const play = () => proposals.reduce((table, step) => attempt(table, step)?.table ?? table, start);
        expect(play()).toEqual(play());
      }),
    );
  });

  const attempt = (table: RouteTable, step: Proposal) => {
    try {
      return transition(table, step, filesOf(step.version.version));
    } catch (error) {
      expect((error as MettleError).name).toBe('MettleError');
      return null;
    }
  };
});
