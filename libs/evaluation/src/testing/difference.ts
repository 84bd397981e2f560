/** Largest relative difference over all numbers of an expected answer; Infinity for what differs in kind. Zero within 1e-13 is zero. */
export function largestDifference(got: unknown, want: unknown): number {
  if (typeof want === 'number') return typeof got !== 'number' ? Number.POSITIVE_INFINITY : Math.abs(got - want) <= 1e-13 * Math.max(1, Math.abs(want)) ? 0 : Math.abs(got - want) / Math.abs(want);
  if (want === null || typeof want !== 'object') return got === want ? 0 : Number.POSITIVE_INFINITY;
  if (got === null || typeof got !== 'object') return Number.POSITIVE_INFINITY;
  if (Array.isArray(want) && (!Array.isArray(got) || got.length !== want.length)) return Number.POSITIVE_INFINITY;
  return Object.entries(want).reduce((most, [key, value]) => Math.max(most, largestDifference((got as Record<string, unknown>)[key], value)), 0);
}
