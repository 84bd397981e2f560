import type { Reason } from '@mettle/contracts';

const figure = (value: number | null): string => (value === null ? 'unknown' : Number.isInteger(value) ? String(value) : value.toPrecision(4));
const words = (code: string): string => code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** Reasons as one plain sentence, e.g. `parity mismatch (rows 50000, mismatches 50000)`. */
export const sentence = (reasons: readonly Reason[]): string =>
  reasons.map(({ code, numbers }) => {
    const figures = Object.entries(numbers).map(([name, value]) => `${name} ${figure(value)}`);
    return figures.length === 0 ? words(code) : `${words(code)} (${figures.join(', ')})`;
  }).join('; ');
