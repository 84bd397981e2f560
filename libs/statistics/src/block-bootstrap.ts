import type { Random } from './random.ts';

/**
 * Fills `out` with indices of a series of `length` terms, in moving blocks of `block` consecutive terms that wrap around
 * (circular, so each term is drawn equally often and the resampled mean is unbiased).
 * @see Künsch (1989); Politis & Romano (1992), A circular block-resampling procedure
 */
export function blockResample(out: Int32Array, length: number, block: number, random: Random): void {
  let filled = 0;
  while (filled < out.length) {
    let at = random.below(length);
    for (let k = 0; k < block && filled < out.length; k += 1) {
      out[filled] = at;
      filled += 1;
      at += 1;
      if (at === length) at = 0;
    }
  }
}
