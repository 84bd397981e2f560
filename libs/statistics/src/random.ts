import { normalQuantile } from './normal.ts';

/** A source of chance that a caller owns: the same seed gives the same numbers on every platform. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform integer in [0, n), 1 <= n <= 2^31. */
  below(n: number): number;
  /** Standard normal, by inversion. */
  normal(): number;
}

/**
 * sfc32 (Doty-Humphrey, PractRand) seeded by a 32-bit integer; the state is warmed up so that near seeds are unlike.
 */
export function createRandom(seed: number): Random {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88 | 0;
  let c = seed | 0;
  let counter = 1;
  const bits = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let k = 0; k < 20; k += 1) bits();
  const next = (): number => ((bits() >>> 6) * 134_217_728 + (bits() >>> 5)) / 9_007_199_254_740_992;
  return {
    next,
    below: (n) => Math.floor(next() * n),
    normal: () => {
      let u = next();
      while (u === 0) u = next();
      return normalQuantile(u);
    },
  };
}

/** A 32-bit seed from text (FNV-1a): seeds by name, e.g. of a lifecycle. */
export function seedOf(text: string): number {
  let h = 0x811c9dc5;
  for (let k = 0; k < text.length; k += 1) h = Math.imul(h ^ text.charCodeAt(k), 0x01000193);
  return h >>> 0;
}
