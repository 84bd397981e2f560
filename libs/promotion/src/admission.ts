import type { PastSlot, Policy, SlotSums } from '@mettle/contracts';
import { DAY_US } from '@mettle/contracts';
import { blockResample, createRandom, longRunVariance, oneSidedHalfWidth } from '@mettle/statistics';
import { centred } from './past.ts';

/** The share of centred histories on which a rule promotes, for one block length. */
export interface AdmissionRate {
  readonly blockDays: number;
  readonly rate: number;
}

export interface Admission {
  readonly admitted: boolean;
  /** alpha + two Monte-Carlo standard errors. */
  readonly limit: number;
  /** One per block length that the history holds at least {@link LEAST_BLOCKS} times; empty: nothing could be said. */
  readonly rates: readonly AdmissionRate[];
}

const BLOCK_DAYS = [1, 3, 7] as const;
const LEAST_BLOCKS = 7;

/**
 * Rehearses the success rule on chance: the paired differences of this shadow are centred on the rule's boundary (so that
 * promoting is wrong), put after those of earlier comparisons (which are centred already), resampled in moving blocks of 1, 3 and 7 days up to the shadow's longest duration, and looked at as the policy
 * looks. The rule is admitted when it promotes at most alpha plus Monte-Carlo error. Being centred, non-inferiority
 * and superiority are the same question. Seeded: the same history gives the same answer. About 10 ms.
 */
export function admitRule(slots: readonly SlotSums[], past: readonly PastSlot[], policy: Policy, seed: number, replicates = 400): Admission {
  const history = [...past, ...centred(slots)];
  const limit = policy.alpha + 2 * Math.sqrt((policy.alpha * (1 - policy.alpha)) / replicates);
  const first = history[0];
  if (first === undefined) return { admitted: true, limit, rates: [] };
  // Days touched: the last slots of a day may have no rows, and between comparisons there may be days without any.
  const days = new Set(history.map(({ at }) => Math.floor((at - first.at) / DAY_US))).size;
  const perDay = history.length / days;
  const rates = BLOCK_DAYS.filter((blockDays) => days >= blockDays * LEAST_BLOCKS && Math.round(blockDays * perDay) >= 1).map((blockDays) => ({
    blockDays,
    rate: promotions(history, policy, perDay, Math.round(blockDays * perDay), seed + blockDays, replicates) / replicates,
  }));
  return { admitted: rates.every(({ rate }) => rate <= limit), limit, rates };
}

function promotions(history: readonly PastSlot[], policy: Policy, perDay: number, block: number, seed: number, replicates: number): number {
  const looks: number[] = [];
  for (let at = policy.shadow.lookEvery; at <= policy.shadow.max; at += policy.shadow.lookEvery) {
    const n = Math.round((at / DAY_US) * perDay);
    if (at >= policy.shadow.min && n >= policy.minSlots) looks.push(n);
  }
  const size = looks.at(-1) ?? 0;
  if (size === 0) return 0;
  const rows = Float64Array.from(history, (slot) => slot.rows);
  const sums = Float64Array.from(history, (slot) => slot.sum);
  const widths = looks.map((n) => oneSidedHalfWidth({ n, variance: 1, alpha: policy.alpha, tunedFor: policy.tunedFor }));
  const random = createRandom(seed);
  const drawn = new Int32Array(size);
  const influence = new Float64Array(size);
  let promoted = 0;
  for (let replicate = 0; replicate < replicates; replicate += 1) {
    blockResample(drawn, history.length, block, random);
    let sum = 0;
    let weight = 0;
    let done = 0;
    for (let look = 0; look < looks.length; look += 1) {
      const n = looks[look] ?? 0;
      for (; done < n; done += 1) {
        sum += sums[drawn[done] ?? 0] ?? 0;
        weight += rows[drawn[done] ?? 0] ?? 0;
      }
      const estimate = sum / weight;
      if (estimate >= 0) continue;
      const meanRows = weight / n;
      for (let k = 0; k < n; k += 1) influence[k] = ((sums[drawn[k] ?? 0] ?? 0) - estimate * (rows[drawn[k] ?? 0] ?? 0)) / meanRows;
      const { variance } = longRunVariance(influence, policy.slot.lag, 0, n);
      if (estimate + (widths[look] ?? 0) * Math.sqrt(variance) < 0) {
        promoted += 1;
        break;
      }
    }
  }
  return promoted;
}
