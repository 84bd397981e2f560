import { twoSidedHalfWidth } from '../confidence-sequence.ts';
import type { Random } from '../random.ts';
import { alarmRate } from '../thresholds/false-alarm-rate.ts';
import type { Population } from './populations.ts';

/** How often a sequence misses the mean at some look from n0 on. */
export interface MissRow {
  readonly method: string;
  readonly population: string;
  readonly alpha: number;
  /** First look that counts. */
  readonly n0: number;
  /** Last look. */
  readonly until: number;
  readonly rate: number;
  readonly standardError: number;
  readonly runs: number;
}

/**
 * Misses of the asymptotic confidence sequence with a look at every value from each n0 to the last. One stream answers
 * for all n0: a sequence misses from n0 on when its last miss is not before n0.
 */
export function asymptoticMisses(population: Population, { alpha, tunedFor, n0, until, runs }: { alpha: number; tunedFor: number; n0: readonly number[]; until: number; runs: number }, random: Random): MissRow[] {
  const next = population.sampler(random);
  const first = Math.min(...n0);
  // Half-width at variance 1, by n: the same at every run.
  const unit = Float64Array.from({ length: until + 1 }, (_, n) => (n < first ? 0 : twoSidedHalfWidth({ n, variance: 1, alpha, tunedFor }) ** 2));
  const misses = n0.map(() => 0);
  for (let run = 0; run < runs; run += 1) {
    let mean = 0;
    let squares = 0;
    let last = 0;
    for (let n = 1; n <= until; n += 1) {
      const value = next() - population.mean;
      const off = value - mean;
      mean += off / n;
      squares += off * (value - mean);
      // Without variance there is no interval and so no miss.
      if (n >= first && squares > 0 && mean * mean > (unit[n] as number) * (squares / n)) last = n;
    }
    n0.forEach((from, at) => { if (last >= from) misses[at] = (misses[at] as number) + 1; });
  }
  return n0.map((from, at) => ({ method: 'asymptotic', population: population.name, alpha, n0: from, until, ...alarmRate(misses[at] as number, runs) }));
}
