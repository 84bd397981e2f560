import type { Verdict } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import { checkAlpha, checkPositive, normalUpperQuantile } from '@mettle/statistics';
import type { Dependence } from './dependence.ts';

export interface UnitRule {
  /** Largest design effect at which rows still count as independent; 1.25 (errors 12 % too small) unless said. */
  readonly largestDesignEffect?: number;
  /** Fewest slots that can show dependence; 30 unless said. */
  readonly minSlots?: number;
}

/** What may be counted as one piece of evidence. `verdict`: may the row be? */
export interface UnitOfEvidence {
  readonly verdict: Verdict;
  readonly unit: 'row' | 'slot' | null;
  readonly reason: 'ROWS_INDEPENDENT' | 'ROWS_DEPENDENT' | 'TOO_FEW_SLOTS' | 'NO_VARIANCE';
  readonly numbers: Readonly<Record<'designEffect' | 'largestDesignEffect' | 'slots' | 'minSlots' | 'autocorrelation' | 'crossCorrelation', number | null>>;
}

/**
 * The unit that the measured dependence allows. The row is refused where the design effect is material, and where there
 * are too few slots to see it: a design effect that was not measured is not 1.
 */
export function unitOfEvidence(dependence: Dependence, rule: UnitRule = {}): UnitOfEvidence {
  const { largestDesignEffect = 1.25, minSlots = 30 } = rule;
  checkPositive(largestDesignEffect, 'largestDesignEffect');
  const { designEffect, slots, slotAutocorrelations, crossCorrelation } = dependence;
  const numbers = { designEffect: designEffect.value, largestDesignEffect, slots, minSlots, autocorrelation: slotAutocorrelations[0] ?? null, crossCorrelation: crossCorrelation.value };
  if (slots < minSlots) return { verdict: 'undetermined', unit: null, reason: 'TOO_FEW_SLOTS', numbers };
  if (designEffect.value === null) return { verdict: 'undetermined', unit: null, reason: 'NO_VARIANCE', numbers };
  return designEffect.value > largestDesignEffect ? { verdict: 'fail', unit: 'slot', reason: 'ROWS_DEPENDENT', numbers } : { verdict: 'pass', unit: 'row', reason: 'ROWS_INDEPENDENT', numbers };
}

export type MeanInterval = { readonly verdict: 'pass'; readonly estimate: number; readonly low: number; readonly high: number; readonly unit: UnitOfEvidence } | { readonly verdict: 'undetermined'; readonly estimate: null; readonly low: null; readonly high: null; readonly unit: UnitOfEvidence };

/**
 * Normal interval of the mean, at a fixed horizon, that counts rows or slots. Rows that may not be counted give no
 * interval but `undetermined`, with the reason and its numbers in `unit`.
 */
export function meanInterval(dependence: Dependence, counted: 'row' | 'slot', alpha: number, rule: UnitRule = {}): MeanInterval {
  checkAlpha(alpha);
  const unit = unitOfEvidence(dependence, rule);
  const { estimate, variances } = dependence;
  if (estimate === null || unit.unit === null || (counted === 'row' && unit.unit !== 'row')) return { verdict: 'undetermined', estimate: null, low: null, high: null, unit };
  const half = normalUpperQuantile(alpha / 2) * Math.sqrt(counted === 'row' ? variances.row : variances.series);
  return { verdict: 'pass', estimate, low: estimate - half, high: estimate + half, unit };
}

/** @throws MettleError INVALID_INPUT where rows may not be counted as independent: what cannot take `undetermined` calls this first */
export function requireRowUnit(dependence: Dependence, rule: UnitRule = {}): void {
  const { verdict, reason, numbers } = unitOfEvidence(dependence, rule);
  if (verdict !== 'pass') throw new MettleError('INVALID_INPUT', 'rows that share their causes are not independent evidence: count slots', { reason, ...numbers });
}
