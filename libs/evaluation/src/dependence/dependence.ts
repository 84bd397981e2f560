import type { SlotSums } from '@mettle/contracts';
import { checkPositive, checkWhole, measured, unmeasured } from '@mettle/statistics';
import type { Metric } from '../metrics/metric.ts';
import { slotAutocorrelations, summariseSlots } from '../slot-summary.ts';
import type { BlockSums } from './blocks.ts';

/** How far the rows of a mean are from independent, and what each cause adds. */
export interface Dependence {
  readonly rows: number;
  readonly slots: number;
  readonly entities: number;
  /** The row-weighted mean. */
  readonly estimate: number | null;
  /** Variance of the mean if rows, blocks (entity x slot), or slots were independent, and as it is (Bartlett over slots). */
  readonly variances: { readonly row: number; readonly block: number; readonly slot: number; readonly series: number };
  /** Correlation of an entity's own blocks at lags 1.. (slots of the clock), and of the slots' at lags 1.. (slots that have rows). */
  readonly blockAutocorrelations: readonly number[];
  readonly slotAutocorrelations: readonly number[];
  /** Mean correlation of two entities in one slot. */
  readonly crossCorrelation: Metric;
  /** Variance of the mean over that of independent rows: how many rows one independent row is worth. Never below 1. */
  readonly designEffect: Metric;
}

const toSlots = (blocks: readonly BlockSums[]): SlotSums[] => {
  const slots: SlotSums[] = [];
  for (const { at, rows, sum } of blocks) {
    const last = slots.at(-1);
    if (last?.at === at) { last.rows += rows; last.sum += sum; }
    else slots.push({ at, rows, sum, champion: 0, candidate: 0 });
  }
  return slots;
};

/**
 * Dependence of the rows behind ordered blocks. `lag`: Bartlett lag in slots (at least a day); `width`: of a slot, µs;
 * `lags`: how many autocorrelations are reported. A design effect above 1 comes from rows of a block sharing their
 * causes, from entities sharing a slot, or from slots following each other: `variances` says which.
 * @throws MettleError INVALID_INPUT for a width that is not above 0
 */
export function dependenceOf(blocks: readonly BlockSums[], options: { width: number; lag: number; lags?: number }): Dependence {
  const { width, lag, lags = 8 } = options;
  checkPositive(width, 'width');
  checkWhole(lag, 'lag');
  const slots = toSlots(blocks);
  const { estimate, variance, rows } = summariseSlots(slots, lag);
  const entities = new Set(blocks.map(({ entity }) => entity)).size;
  const zeros = new Array<number>(lags).fill(0);
  if (estimate === null || rows < 2) {
    const reason = rows === 0 ? 'EMPTY_SAMPLE' : 'TOO_FEW_VALUES';
    return { rows, slots: slots.length, entities, estimate, variances: { row: 0, block: 0, slot: 0, series: 0 }, blockAutocorrelations: zeros, slotAutocorrelations: zeros, crossCorrelation: unmeasured(reason), designEffect: unmeasured(reason) };
  }
  let squares = 0;
  let ofBlocks = 0;
  for (const block of blocks) {
    squares += block.squares - 2 * estimate * block.sum + estimate * estimate * block.rows;
    ofBlocks += (block.sum - estimate * block.rows) ** 2;
  }
  const ofSlots = slots.reduce((sum, slot) => sum + (slot.sum - estimate * slot.rows) ** 2, 0);
  const variances = { row: Math.max(0, squares) / (rows - 1) / rows, block: ofBlocks / rows ** 2, slot: ofSlots / rows ** 2, series: variance / slots.length };
  const designEffect = variances.row > 0 ? measured(Math.max(1, variances.series / variances.row)) : unmeasured('NO_VARIANCE');
  return { rows, slots: slots.length, entities, estimate, variances, ...correlations(blocks, estimate, width, lags), slotAutocorrelations: slots.length > 2 ? slotAutocorrelations(slots, lags) : zeros, designEffect };
}

/** u = sum - estimate x rows of a block, its part in the mean's error. */
function correlations(blocks: readonly BlockSums[], estimate: number, width: number, lags: number): Pick<Dependence, 'blockAutocorrelations' | 'crossCorrelation'> {
  const series = new Map<string, Map<number, number>>();
  let total = 0;
  for (const { entity, at, rows, sum } of blocks) {
    const u = sum - estimate * rows;
    total += u * u;
    const own = series.get(entity) ?? new Map<number, number>();
    own.set(at, u);
    series.set(entity, own);
  }
  const products = new Array<number>(lags).fill(0);
  for (const own of series.values())
    for (const [at, u] of own)
      for (let lag = 1; lag <= lags; lag += 1) products[lag - 1] = (products[lag - 1] as number) + u * (own.get(at - lag * width) ?? 0);
  // Σ over slots of (Σu)² - Σu² is twice the sum over pairs; with equal correlations its mean is rho x Σ (k - 1) Σu².
  let pairs = 0;
  let scale = 0;
  for (let from = 0; from < blocks.length; ) {
    let to = from;
    let sum = 0;
    let square = 0;
    while (to < blocks.length && blocks[to]?.at === blocks[from]?.at) {
      const { sum: s, rows } = blocks[to] as BlockSums;
      const u = s - estimate * rows;
      sum += u;
      square += u * u;
      to += 1;
    }
    pairs += sum * sum - square;
    scale += (to - from - 1) * square;
    from = to;
  }
  return { blockAutocorrelations: products.map((product) => (total > 0 ? product / total : 0)), crossCorrelation: scale > 0 ? measured(pairs / scale) : unmeasured(series.size < 2 ? 'TOO_FEW_VALUES' : 'NO_VARIANCE') };
}
