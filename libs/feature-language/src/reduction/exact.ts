/** Two doubles that hold an integer exactly, up to 2^105: `high` counts 2^52, |low| < 2^52. */
export interface Exact {
  high: number;
  low: number;
}

const LIMB = 2 ** 52;
const LIMB_BIG = 2n ** 52n;

/** The nearest double to n/d; halves to even. */
export function quotient(n: bigint, d: bigint): number {
  if (n === 0n) return 0;
  const sign = n < 0n ? -1 : 1;
  const size = n < 0n ? -n : n;
  // 66 or more bits of quotient and a sticky bit: converting those to a double is the only rounding.
  const shift = BigInt(Math.max(0, 66 + d.toString(2).length - size.toString(2).length));
  const scaled = size << shift;
  const bits = (scaled / d) | (scaled % d === 0n ? 0n : 1n);
  return (sign * Number(bits)) / 2 ** Number(shift);
}

/**
 * (high * 2^52 + low) / (units * count) as the nearest double, halves to even: the one rounding of a read.
 * @param units a power of ten, at least 1
 * @param count at least 1
 */
export function divide(high: number, low: number, units: number, count: number): number {
  const divisor = units * count;
  // Two exact integers: IEEE division rounds once, like `quotient`.
  if (high === 0 && divisor <= Number.MAX_SAFE_INTEGER) return low / divisor;
  return quotient(BigInt(high) * LIMB_BIG + BigInt(low), BigInt(units) * BigInt(count));
}

/** Adds a safe integer in place. */
export function addTo(sum: Exact, units: number): void {
  const carry = Math.trunc(units / LIMB);
  const low = sum.low + (units - carry * LIMB);
  sum.high += carry;
  if (low >= LIMB) {
    sum.low = low - LIMB;
    sum.high += 1;
  } else if (low <= -LIMB) {
    sum.low = low + LIMB;
    sum.high -= 1;
  } else sum.low = low === 0 ? 0 : low;
}
