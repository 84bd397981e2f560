const BITS = 11;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;
const PASSES = 6;
/** Below this many values the engine's own sort is faster. */
const WORTHWHILE = 2_000;

/**
 * Sorts doubles ascending, in the order of Float64Array.prototype.sort (-0 before 0), about twice as fast from a million on.
 * The answer lies in `values` or in a new array: use what is returned, `values` is scratch.
 *
 * Least significant digit first, 11 bits a pass, over the raw bits: that leaves the positive values in order and after them
 * the negative ones by magnitude, so one reversal ends it. A pass in which all values share the digit is left out
 * (integers and rounded values have many). Infinities sort as values do; NaN must have been refused.
 */
export function sortDoubles(values: Float64Array): Float64Array {
  const n = values.length;
  if (n < WORTHWHILE) return values.sort();
  const counts = digitCounts(values);
  let negative = 0;
  for (let digit = 256; digit < 512; digit += 1) negative += counts[(PASSES - 1) * WIDTH + digit] as number;
  let from: Float64Array = values;
  let to: Float64Array = new Float64Array(n);
  for (let pass = 0; pass < PASSES; pass += 1) {
    const places = counts.subarray(pass * WIDTH, (pass + 1) * WIDTH);
    if (!toPlaces(places, n)) continue;
    scatter(pass, from, to, places);
    [from, to] = [to, from];
  }
  if (negative === 0) return from;
  to.set(from.subarray(0, n - negative), negative);
  to.set(from.subarray(n - negative).reverse(), 0);
  return to;
}

/** Low and high half of each double, in this order: every engine that runs us is little-endian. */
const halves = (values: Float64Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);

/** How often each digit occurs, for all passes in one reading. */
function digitCounts(values: Float64Array): Uint32Array {
  const words = halves(values);
  const counts = new Uint32Array(PASSES * WIDTH);
  const count = (place: number): void => { counts[place] = (counts[place] as number) + 1; };
  for (let at = 0; at < words.length; at += 2) {
    const low = words[at] as number;
    const high = words[at + 1] as number;
    count(low & MASK);
    count(WIDTH + ((low >>> 11) & MASK));
    count(2 * WIDTH + ((low >>> 22) | ((high & 1) << 10)));
    count(3 * WIDTH + ((high >>> 1) & MASK));
    count(4 * WIDTH + ((high >>> 12) & MASK));
    count(5 * WIDTH + (high >>> 23));
  }
  return counts;
}

/** Turns counts into first places; false when one digit holds all values. */
function toPlaces(counts: Uint32Array, n: number): boolean {
  let before = 0;
  for (let digit = 0; digit < WIDTH; digit += 1) {
    const count = counts[digit] as number;
    if (count === n) return false;
    counts[digit] = before;
    before += count;
  }
  return true;
}

/** Which half holds the digit of each pass, and where; the third digit lies across both. */
const HALF = [0, 0, 0, 1, 1, 1];
const SHIFT = [0, 11, 22, 1, 12, 23];

function scatter(pass: number, from: Float64Array, to: Float64Array, places: Uint32Array): void {
  const words = halves(from);
  const n = from.length;
  if (pass === 2) {
    for (let at = 0; at < n; at += 1) {
      const digit = ((words[2 * at] as number) >>> 22) | (((words[2 * at + 1] as number) & 1) << 10);
      const place = places[digit] as number;
      places[digit] = place + 1;
      to[place] = from[at] as number;
    }
    return;
  }
  const half = HALF[pass] as number;
  const shift = SHIFT[pass] as number;
  for (let at = 0; at < n; at += 1) {
    const digit = ((words[2 * at + half] as number) >>> shift) & MASK;
    const place = places[digit] as number;
    places[digit] = place + 1;
    to[place] = from[at] as number;
  }
}
