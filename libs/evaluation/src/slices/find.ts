import { MettleError } from '@mettle/contracts';
import { checkFinite, checkPaired, checkRange, checkWhole } from '@mettle/statistics';
import type { SliceColumn } from './column.ts';
import type { SliceSums } from './score.ts';
import { meet, sliceBound, sliceScore } from './score.ts';

export interface Condition { readonly column: string; readonly value: string }

/** Rows that meet all conditions, with their score on the data they were found in: a suspicion, until later data confirm it. */
export interface Slice {
  readonly conditions: readonly Condition[];
  readonly rows: number;
  readonly meanError: number;
  readonly score: number;
}

export interface FindOptions {
  /** Weight of the error against the size, 0 < alpha <= 1; 0.6 unless said. */
  readonly alpha?: number;
  /** Most conditions of a slice, 1 to 3; 3 unless said. */
  readonly maxLevel?: number;
  /** Fewest rows; 10 unless said. */
  readonly minSupport?: number;
  /** How many slices are returned; 10 unless said. */
  readonly top?: number;
}

export interface Found {
  /** Those that score above 0, best first; equal scores by their conditions. */
  readonly slices: readonly Slice[];
  readonly rows: number;
  readonly meanError: number | null;
  /** Slices whose rows were counted, and branches that no better slice can be in. */
  readonly evaluated: number;
  readonly pruned: number;
}

/**
 * The worst slices of rows with the given errors (row losses, at least 0), exactly as full enumeration finds them: a
 * branch is left only if the bound of its score is below the worst slice kept.
 * @throws MettleError INVALID_INPUT for errors below 0 or not finite, columns of other lengths, and options out of range
 */
export function findSlices(columns: readonly SliceColumn[], errors: ArrayLike<number>, options: FindOptions = {}): Found {
  const { alpha = 0.6, maxLevel = 3, minSupport = 10, top = 10 } = options;
  checkRange(alpha, 'alpha', Number.MIN_VALUE, 1);
  checkWhole(minSupport, 'minSupport', 1);
  checkWhole(top, 'top', 1);
  checkRange(checkedWhole(maxLevel), 'maxLevel', 1, 3);
  checkFinite(errors, 'errors');
  for (const column of columns) checkPaired(column.codes, errors, `${column.name} and errors`);
  const all = Uint32Array.from({ length: errors.length }, (_, row) => row);
  const whole = sumsOf(all, errors);
  if (whole.rows === 0 || whole.error === 0) return { slices: [], rows: whole.rows, meanError: whole.rows === 0 ? null : 0, evaluated: 0, pruned: 0 };
  return new Search(columns, errors, whole, { alpha, maxLevel, minSupport, top }).run(all);
}

const checkedWhole = (value: number): number => { checkWhole(value, 'maxLevel', 1); return value; };

function sumsOf(rows: Uint32Array, errors: ArrayLike<number>): SliceSums {
  let error = 0;
  let largest = 0;
  for (const row of rows) {
    const one = errors[row] as number;
    if (one < 0) throw new MettleError('INVALID_INPUT', 'an error is at least 0', { row, error: one });
    error += one;
    if (one > largest) largest = one;
  }
  return { rows: rows.length, error, largest };
}

const textOf = (conditions: readonly Condition[]): string => JSON.stringify(conditions.map(({ column, value }) => [column, value]));

/** Best first; ties in the order of their text, so that the answer does not depend on the order of the search. */
const before = (a: Slice, b: Slice): number => b.score - a.score || (textOf(a.conditions) < textOf(b.conditions) ? -1 : 1);

class Search {
  private readonly columns: readonly SliceColumn[];
  private readonly errors: ArrayLike<number>;
  private readonly whole: SliceSums;
  private readonly options: Required<FindOptions>;
  private best: Slice[] = [];
  private evaluated = 0;
  private pruned = 0;
  private basics: SliceSums[][] = [];

  constructor(columns: readonly SliceColumn[], errors: ArrayLike<number>, whole: SliceSums, options: Required<FindOptions>) {
    this.columns = columns;
    this.errors = errors;
    this.whole = whole;
    this.options = options;
  }

  run(all: Uint32Array): Found {
    this.basics = this.columns.map((column) => this.group(column, all));
    this.columns.forEach((column, at) => this.basics[at]?.forEach((sums, code) => this.judge(sums, [{ column: column.name, value: column.values[code] as string }])));
    if (this.options.maxLevel > 1) this.columns.forEach((_, at) => this.descend(at, all, [], this.basics[at] ?? []));
    return { slices: this.best, rows: this.whole.rows, meanError: this.whole.error / this.whole.rows, evaluated: this.evaluated, pruned: this.pruned };
  }

  /** Sums by code of a column, in one pass over the rows. */
  private group(column: SliceColumn, rows: Uint32Array): SliceSums[] {
    const size = column.values.length;
    const counts = new Uint32Array(size);
    const error = new Float64Array(size);
    const largest = new Float64Array(size);
    for (const row of rows) {
      const code = column.codes[row] as number;
      const one = this.errors[row] as number;
      counts[code] = (counts[code] as number) + 1;
      error[code] = (error[code] as number) + one;
      if (one > (largest[code] as number)) largest[code] = one;
    }
    return Array.from(counts, (count, code) => ({ rows: count, error: error[code] as number, largest: largest[code] as number }));
  }

  private judge(sums: SliceSums, conditions: Condition[]): void {
    if (sums.rows < this.options.minSupport) return;
    this.evaluated += 1;
    const score = sliceScore(sums, this.whole, this.options.alpha);
    if (!(score > 0)) return;
    const slice = { conditions, rows: sums.rows, meanError: sums.error / sums.rows, score };
    const last = this.best.at(-1);
    if (this.best.length === this.options.top && last !== undefined && before(last, slice) < 0) return;
    this.best = [...this.best, slice].sort(before).slice(0, this.options.top);
  }

  /** Could a slice with at most these sums still be kept? */
  private promising(sums: SliceSums): boolean {
    const bound = sliceBound(sums, this.whole, this.options.alpha, this.options.minSupport);
    const last = this.best.length === this.options.top ? this.best.at(-1) : undefined;
    return bound > 0 && bound >= (last?.score ?? 0);
  }

  /** Slices of `rows` with one more condition on a column at or after `from`, whose own sums by code of column `from` are given. */
  private descend(from: number, rows: Uint32Array, conditions: Condition[], sums: readonly SliceSums[]): void {
    const column = this.columns[from] as SliceColumn;
    const open = sums.map((one) => one.rows >= this.options.minSupport && this.promising(one));
    this.pruned += sums.reduce((count, one, code) => count + (one.rows >= this.options.minSupport && open[code] === false ? 1 : 0), 0);
    if (!open.includes(true)) return;
    const parts = partition(column, rows, sums, open);
    parts.forEach((part, code) => {
      if (part === null) return;
      const parent = sums[code] as SliceSums;
      const own = [...conditions, { column: column.name, value: column.values[code] as string }];
      for (let next = from + 1; next < this.columns.length; next += 1) {
        const other = this.columns[next] as SliceColumn;
        const basics = this.basics[next] as SliceSums[];
        if (!basics.some((basic) => this.promising(meet(parent, basic)))) { this.pruned += 1; continue; }
        const grouped = this.group(other, part);
        grouped.forEach((child, at) => this.judge(child, [...own, { column: other.name, value: other.values[at] as string }]));
        if (own.length + 1 < this.options.maxLevel) this.descend(next, part, own, grouped);
      }
    });
  }
}

/** The rows of each open code, in their order; null for the others. */
function partition(column: SliceColumn, rows: Uint32Array, sums: readonly SliceSums[], open: readonly boolean[]): (Uint32Array | null)[] {
  const parts = sums.map((one, code) => (open[code] === true ? new Uint32Array(one.rows) : null));
  const filled = new Uint32Array(parts.length);
  for (const row of rows) {
    const code = column.codes[row] as number;
    const part = parts[code];
    if (part === null || part === undefined) continue;
    part[filled[code] as number] = row;
    filled[code] = (filled[code] as number) + 1;
  }
  return parts;
}
