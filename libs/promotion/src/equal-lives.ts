import type { Hash, PastSlot, Policy, SlotSeries, SlotSums, TimeUs } from '@mettle/contracts';
import { DAY_US, MettleError } from '@mettle/contracts';
import { blockResample, createRandom } from '@mettle/statistics';
import type { Kind } from './kind-of.ts';
import { centred, meanDifference, pastOf } from './past.ts';
import { rehearse } from './rehearse.ts';
import { historyOf, rangeOf, slotsBetween } from './stored-history.ts';
import type { StoredHistory } from './stored-history.ts';

export interface EqualLivesQuestion {
  readonly kind: Kind;
  readonly policyHash: Hash;
  /** Consecutive days that are drawn together: 1, 3 or 7. */
  readonly blockDays: number;
  /**
   * Draw each life from one window of so many days, centred on itself (windows begin a week apart and take turns); null:
   * from the whole history. A window keeps its season; the whole mixes calm months with stormy ones, and is the harder test.
   */
  readonly windowDays: number | null;
  readonly replicates: number;
  readonly seed: number;
  /**
   * Mean difference of every lived candidate, in total and in each segment; by default the boundary of the rule (zero for
   * a change, the margin for a refresh), where each promotion is a false one.
   */
  readonly effect?: number;
  /**
   * Let every decision see earlier comparisons: the history before its window in comparisons as long as the window (the
   * first window then begins after the first of them); without windows, the whole history.
   */
  readonly withPast?: boolean;
}

/** Shares of candidates whose shadow ended so, and the standard error of the first. */
export interface EqualLives { readonly promoted: number; readonly failed: number; readonly undetermined: number; readonly error: number }

/**
 * A/A mode: what a policy does to candidates of a known effect, with the noise of a real history. The series are centred
 * and shifted to `effect`; a life is drawn in moving blocks of whole days, the same days for all series, so that the
 * hours of a day, the days of a block and the segments of a slot keep what they share; and it is rehearsed by `decide`
 * with all its rules (segments, coverage, admission) up to the end of the shadow.
 * @throws MettleError INVALID_INPUT for a history shorter than seven blocks: its blocks would all be alike
 */
export function liveEqualCandidates(policy: Policy, history: StoredHistory, question: EqualLivesQuestion): EqualLives {
  const { from, to } = rangeOf(history);
  const days = (to - from) / DAY_US;
  const width = Math.min(question.windowDays ?? days, days);
  if (width < 7 * question.blockDays) throw new MettleError('INVALID_INPUT', 'a history (or window) holds at least seven blocks', { days: width, blockDays: question.blockDays });
  const effect = question.effect ?? (question.kind === 'change' ? 0 : policy.refresh.margin);
  const success = history.series.find(({ metric, segment }) => metric === policy.success.metric && segment === null)?.slots ?? [];
  const past = (start: TimeUs): PastSlot[] => {
    if (question.withPast !== true) return [];
    if (question.windowDays === null) return centred(success);
    const before = Array.from({ length: Math.floor((start - from) / (width * DAY_US)) }, (_, k) => start - (k + 1) * width * DAY_US);
    return pastOf(before.map((at) => ({ slots: slotsBetween(success, at, at + width * DAY_US), reversed: false })), start, policy.slot.width);
  };
  const starts = Array.from({ length: Math.floor((days - width) / 7) + 1 }, (_, k) => from + k * 7 * DAY_US);
  const windows = starts.filter((start) => question.withPast !== true || question.windowDays === null || start >= from + width * DAY_US).map((start) => ({
    past: past(start),
    series: history.series.map(({ metric, segment, slots }) => ({ metric, segment, days: byDay(centre(slotsBetween(slots, start, start + width * DAY_US), effect), start, width) })),
  }));
  const random = createRandom(question.seed);
  const drawn = new Int32Array(Math.ceil(policy.shadow.max / DAY_US));
  const shadowOnly: Policy = { ...policy, maturation: 0, challenge: { ...policy.challenge, min: 0, max: 0 }, bake: 0 };
  const counts = { pass: 0, fail: 0, undetermined: 0 };
  for (let replicate = 0; replicate < question.replicates; replicate += 1) {
    blockResample(drawn, width, question.blockDays, random);
    const window = windows[replicate % windows.length];
    const series = (window?.series ?? []).map(({ metric, segment, days: own }): SlotSeries => ({ metric, segment, slots: relived(own, drawn) }));
    const { looks } = rehearse(shadowOnly, { ...historyOf(series), past: window?.past ?? [] }, { kind: question.kind, startedAt: 0, policyHash: question.policyHash });
    counts[looks.filter(({ phase }) => phase === 'shadow').at(-1)?.outcome.verdict ?? 'undetermined'] += 1;
  }
  const share = (count: number): number => count / question.replicates;
  const promoted = share(counts.pass);
  return { promoted, failed: share(counts.fail), undetermined: share(counts.undetermined), error: Math.sqrt((promoted * (1 - promoted)) / question.replicates) };
}

/** The row-weighted mean difference becomes `effect`. */
function centre(slots: readonly SlotSums[], effect: number): SlotSums[] {
  const shift = effect - meanDifference(slots);
  return slots.map((slot) => ({ ...slot, sum: slot.sum + shift * slot.rows, candidate: slot.candidate + shift * slot.rows }));
}

/** By day, each slot at its time of day. */
function byDay(slots: readonly SlotSums[], from: number, days: number): SlotSums[][] {
  const found: SlotSums[][] = Array.from({ length: days }, () => []);
  for (const slot of slots) {
    const day = Math.floor((slot.at - from) / DAY_US);
    found[day]?.push({ ...slot, at: slot.at - from - day * DAY_US });
  }
  return found;
}

/** The drawn days, one after the other from time 0 on. */
function relived(days: readonly (readonly SlotSums[])[], drawn: Int32Array): SlotSums[] {
  const slots: SlotSums[] = [];
  drawn.forEach((day, at) => {
    for (const slot of days[day] ?? []) slots.push({ ...slot, at: slot.at + at * DAY_US });
  });
  return slots;
}
