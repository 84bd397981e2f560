import { createRandom } from '@mettle/statistics';
import { describe, expect, it } from 'vitest';
import type { BlockSums } from './blocks.ts';
import { blockSums, mergeBlocks } from './blocks.ts';
import { dependenceOf } from './dependence.ts';
import { meanInterval, requireRowUnit, unitOfEvidence } from './unit.ts';

interface World { seed: number; slots: number; entities: number; rows: number; shared: number; own: number; noise: number; memory: number }

/** Row = what the slot shares (AR(1)) + what the entity's block shares + noise. */
function world({ seed, slots, entities, rows, shared, own, noise, memory }: World): BlockSums[] {
  const random = createRandom(seed);
  const out: { at: number; entity: string; difference: number }[] = [];
  let cause = random.normal();
  for (let slot = 0; slot < slots; slot += 1) {
    cause = memory * cause + Math.sqrt(1 - memory * memory) * random.normal();
    for (let entity = 0; entity < entities; entity += 1) {
      const local = random.normal();
      for (let row = 0; row < rows; row += 1) out.push({ at: slot, entity: String(entity), difference: shared * cause + own * local + noise * random.normal() });
    }
  }
  return blockSums(out, 1);
}

const INDEPENDENT = { slots: 240, entities: 3, rows: 5, shared: 0, own: 0, noise: 1, memory: 0 };

describe('dependence', () => {
  it('finds the correlations that were put in', () => {
    // Block means: variance .3 shared + .4 own + .3/10 noise; correlation across entities .3/.73, after one slot .8 x .3/.73.
    const got = dependenceOf(world({ seed: 1, slots: 6000, entities: 4, rows: 10, shared: Math.sqrt(0.3), own: Math.sqrt(0.4), noise: Math.sqrt(0.3), memory: 0.8 }), { width: 1, lag: 20 });
    expect(got.crossCorrelation.value ?? 9).toBeCloseTo(0.3 / 0.73, 1);
    expect(got.blockAutocorrelations[0] ?? 9).toBeCloseTo((0.8 * 0.3) / 0.73, 1);
    // Slot means: .3 shared + (.4 + .03)/4.
    expect(got.slotAutocorrelations[0] ?? 9).toBeCloseTo((0.8 * 0.3) / (0.3 + 0.43 / 4), 1);
    const { row, block, slot, series } = got.variances;
    expect(block / row).toBeCloseTo(7.3, 0);
    expect(slot / block).toBeCloseTo((0.3 + 0.43 / 4) / (0.73 / 4), 0);
    // Bartlett with lag 20 gives the AR(1) the factor 7.1: (.3 x 7.1 + .1075) / .4075 = 5.5, standard error .37.
    expect(series / slot).toBeGreaterThan(4.4);
    expect(series / slot).toBeLessThan(6.6);
    expect(got.designEffect.value).toBeCloseTo(series / row, 9);
  });

  it('gives the row variance of independent rows, and one entity no cross-correlation', () => {
    const got = dependenceOf(world({ seed: 2, ...INDEPENDENT, slots: 3000, entities: 1 }), { width: 1, lag: 8 });
    expect(got.variances.row * got.rows).toBeCloseTo(1, 1);
    expect(got.designEffect.value ?? 9).toBeLessThan(1.25);
    expect(got.crossCorrelation).toEqual({ value: null, reason: 'TOO_FEW_VALUES' });
  });

  it('merges: blocks of the same rows in two parts are those of the whole', () => {
    const rows = Array.from({ length: 400 }, (_, row) => ({ at: row % 37, entity: String(row % 3), difference: (row * 7) % 11 }));
    expect(mergeBlocks(blockSums(rows.slice(0, 150), 5), blockSums(rows.slice(150), 5))).toEqual(blockSums(rows, 5));
  });

  it('says what it could not measure', () => {
    expect(dependenceOf([], { width: 1, lag: 2 }).designEffect).toEqual({ value: null, reason: 'EMPTY_SAMPLE' });
    expect(dependenceOf(blockSums([{ at: 0, entity: 'a', difference: 1 }], 1), { width: 1, lag: 2 }).designEffect.reason).toBe('TOO_FEW_VALUES');
    expect(dependenceOf(blockSums([0, 1, 2].map((at) => ({ at, entity: 'a', difference: 1 })), 1), { width: 1, lag: 2 }).designEffect.reason).toBe('NO_VARIANCE');
    expect(() => dependenceOf([], { width: 0, lag: 2 })).toThrowError(/width/);
  });
});

describe('the unit of evidence', () => {
  it('is the slot where rows share their causes: the row is refused, with the numbers', () => {
    const got = dependenceOf(world({ seed: 3, ...INDEPENDENT, shared: 0.7 }), { width: 1, lag: 8 });
    const unit = unitOfEvidence(got);
    expect(unit).toMatchObject({ verdict: 'fail', unit: 'slot', reason: 'ROWS_DEPENDENT' });
    expect(unit.numbers.designEffect ?? 0).toBeGreaterThan(4);
    expect(meanInterval(got, 'row', 0.05)).toMatchObject({ verdict: 'undetermined', estimate: null, unit: { reason: 'ROWS_DEPENDENT' } });
    expect(meanInterval(got, 'slot', 0.05).verdict).toBe('pass');
    expect(() => requireRowUnit(got)).toThrowError(/count slots/);
  });

  it('is undetermined with too few slots to see dependence, and without variance', () => {
    const few = dependenceOf(world({ seed: 4, ...INDEPENDENT, slots: 10 }), { width: 1, lag: 8 });
    expect(unitOfEvidence(few)).toMatchObject({ verdict: 'undetermined', unit: null, reason: 'TOO_FEW_SLOTS' });
    expect(meanInterval(few, 'slot', 0.05).verdict).toBe('undetermined');
    expect(unitOfEvidence(dependenceOf(blockSums(Array.from({ length: 40 }, (_, at) => ({ at, entity: 'a', difference: 1 })), 1), { width: 1, lag: 2 })).reason).toBe('NO_VARIANCE');
  });

  it('is mostly the row when rows are independent, and an interval of either unit then holds the mean (seeded, Monte-Carlo error 1.3 points)', () => {
    let rows = 0;
    let held = { row: 0, slot: 0 };
    const runs = 300;
    for (let seed = 0; seed < runs; seed += 1) {
      const got = dependenceOf(world({ seed: 100 + seed, ...INDEPENDENT }), { width: 1, lag: 8 });
      if (unitOfEvidence(got).unit === 'row') rows += 1;
      const holds = (unit: 'row' | 'slot'): number => { const { low, high } = meanInterval(got, unit, 0.05, { largestDesignEffect: 100 }); return low !== null && low < 0 && high > 0 ? 1 : 0; };
      held = { row: held.row + holds('row'), slot: held.slot + holds('slot') };
    }
    expect(rows / runs).toBeGreaterThan(0.85);
    expect(held.row / runs).toBeGreaterThan(0.92);
    expect(held.slot / runs).toBeGreaterThan(0.92);
  });

  it('matters: with shared causes the interval of rows misses the mean more often than not, that of slots does not', () => {
    let held = { row: 0, slot: 0 };
    const runs = 200;
    for (let seed = 0; seed < runs; seed += 1) {
      const got = dependenceOf(world({ seed: 900 + seed, ...INDEPENDENT, shared: 1, memory: 0.5 }), { width: 1, lag: 8 });
      const holds = (unit: 'row' | 'slot'): number => { const { low, high } = meanInterval(got, unit, 0.05, { largestDesignEffect: 1000 }); return low !== null && low < 0 && high > 0 ? 1 : 0; };
      held = { row: held.row + holds('row'), slot: held.slot + holds('slot') };
    }
    expect(held.row / runs).toBeLessThan(0.5);
    expect(held.slot / runs).toBeGreaterThan(0.87);
  });
});
