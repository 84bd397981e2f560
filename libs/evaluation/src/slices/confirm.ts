import type { TimeUs, Verdict } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import { checkAlpha, checkFinite, checkPaired, holm, longRunVariance, normalSf } from '@mettle/statistics';
import { slotOf } from '../slot-series.ts';
import type { SliceColumn } from './column.ts';
import type { Slice } from './find.ts';

/** Rows that came after the ones in which the slices were found. */
export interface LaterRows {
  readonly columns: readonly SliceColumn[];
  readonly errors: ArrayLike<number>;
  readonly at: ArrayLike<TimeUs>;
}

export interface ConfirmRule {
  /** End of the data in which the slices were found: no later row begins before it. */
  readonly after: TimeUs;
  /** Slot width, µs, and Bartlett lag in slots: the unit of evidence. */
  readonly width: number;
  readonly lag: number;
  /** Chance that any slice is confirmed that errs no more than the rest (Holm over the slices). */
  readonly alpha: number;
  readonly minSupport?: number;
  /** Fewest slots with rows of the slice; 30 unless said. */
  readonly minSlots?: number;
}

export interface Confirmation {
  readonly slice: Slice;
  /** `pass`: it errs more than the rest in later data too. `fail`: it errs no more. */
  readonly verdict: Verdict;
  readonly reason: 'CONFIRMED' | 'NOT_WORSE' | 'NOT_SIGNIFICANT' | 'LOW_SUPPORT' | 'TOO_FEW_SLOTS' | 'NO_VARIANCE';
  readonly rows: number;
  readonly slots: number;
  /** Mean error in the slice minus that of all other rows, with its standard error over slots. */
  readonly difference: number | null;
  readonly standardError: number | null;
  /** One-sided, adjusted by Holm over the slices that could be tested. */
  readonly pValue: number | null;
}

type Measured = Omit<Confirmation, 'verdict' | 'pValue'> & { raw: number | null };

/** Tests slices on data that had no part in finding them. @throws MettleError INVALID_INPUT for rows before `after` and for columns that are missing */
export function confirmSlices(slices: readonly Slice[], later: LaterRows, rule: ConfirmRule): Confirmation[] {
  checkAlpha(rule.alpha);
  checkFinite(later.errors, 'errors');
  checkPaired(later.errors, later.at, 'errors and times');
  for (let row = 0; row < later.at.length; row += 1)
    if ((later.at[row] as number) < rule.after) throw new MettleError('INVALID_INPUT', 'slices are confirmed on later rows than they were found in', { row, at: later.at[row] as number, after: rule.after });
  const found = slices.map((slice) => measure(slice, later, rule));
  const tested = found.filter(({ raw }) => raw !== null);
  const adjusted = new Map(holm(tested.map(({ raw }) => raw as number)).map((p, at) => [tested[at], p]));
  return found.map((one) => {
    const { raw: _, ...rest } = one;
    const pValue = adjusted.get(one) ?? null;
    if (pValue === null) return { ...rest, verdict: 'undetermined', pValue };
    if (pValue <= rule.alpha) return { ...rest, verdict: 'pass', reason: 'CONFIRMED', pValue };
    return (rest.difference ?? 0) <= 0 ? { ...rest, verdict: 'fail', reason: 'NOT_WORSE', pValue } : { ...rest, verdict: 'undetermined', reason: 'NOT_SIGNIFICANT', pValue };
  });
}

function measure(slice: Slice, { columns, errors, at }: LaterRows, rule: ConfirmRule): Measured {
  const conditions = slice.conditions.map(({ column: name, value }) => {
    const column = columns.find((one) => one.name === name);
    if (column === undefined) throw new MettleError('INVALID_INPUT', `later rows have no column '${name}'`, { column: name });
    return { codes: column.codes, code: column.values.indexOf(value) };
  });
  const slots = new Map<number, { rows: number; error: number; otherRows: number; otherError: number }>();
  for (let row = 0; row < errors.length; row += 1) {
    const key = slotOf(at[row] as number, rule.width);
    const slot = slots.get(key) ?? { rows: 0, error: 0, otherRows: 0, otherError: 0 };
    slots.set(key, slot);
    if (conditions.every(({ codes, code }) => codes[row] === code)) { slot.rows += 1; slot.error += errors[row] as number; }
    else { slot.otherRows += 1; slot.otherError += errors[row] as number; }
  }
  const ordered = [...slots.entries()].sort(([a], [b]) => a - b).map(([, slot]) => slot);
  const total = (of: (slot: (typeof ordered)[number]) => number): number => ordered.reduce((sum, slot) => sum + of(slot), 0);
  const rows = total((slot) => slot.rows);
  const others = total((slot) => slot.otherRows);
  const held = ordered.filter((slot) => slot.rows > 0).length;
  const nothing = (reason: Confirmation['reason']): Measured => ({ slice, reason, rows, slots: held, difference: null, standardError: null, raw: null });
  if (rows < (rule.minSupport ?? 10) || others === 0) return nothing('LOW_SUPPORT');
  if (held < (rule.minSlots ?? 30)) return nothing('TOO_FEW_SLOTS');
  const inside = total((slot) => slot.error) / rows;
  const outside = total((slot) => slot.otherError) / others;
  // A slot's part in the error of the difference of two ratio means; the parts sum to zero.
  const parts = Float64Array.from(ordered, (slot) => (slot.error - inside * slot.rows) / rows - (slot.otherError - outside * slot.otherRows) / others);
  const standardError = Math.sqrt(longRunVariance(parts, rule.lag).variance * parts.length);
  const difference = inside - outside;
  if (!(standardError > 0)) return { ...nothing('NO_VARIANCE'), difference };
  return { slice, reason: 'NOT_SIGNIFICANT', rows, slots: held, difference, standardError, raw: normalSf(difference / standardError) };
}
