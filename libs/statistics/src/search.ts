/** The first whole number in [low, high) at which `holds` turns true, or `high`. */
export function firstWhole(low: number, high: number, holds: (at: number) => boolean): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Where `holds` turns true between `low` (false) and `high` (true), to a relative 1e-12; the answer holds. */
export function firstReal(low: number, high: number, holds: (at: number) => boolean): number {
  let from = low;
  let to = high;
  for (let k = 0; k < 200 && Math.abs(to - from) > 1e-12 * Math.abs(to); k += 1) {
    const middle = (from + to) / 2;
    if (middle === from || middle === to) break;
    if (holds(middle)) to = middle;
    else from = middle;
  }
  return to;
}
