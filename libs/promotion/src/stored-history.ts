import type { Coverage, Measured, PastSlot, Served, SlotSeries, TimeUs } from '@mettle/contracts';
import { DAY_US, MettleError } from '@mettle/contracts';

/** The counts of one day, by arm; `at` is its start. */
export interface DayOf<T> { readonly at: TimeUs; readonly champion: T; readonly other: T }

/**
 * A comparison of two versions over longer than one phase, as it was stored: what measurements are cut from. Without
 * `coverage` every row counts as labelled; without `exposures` there was no live split, and none is rehearsed.
 */
export interface StoredHistory {
  /** Admission draws by the candidate's name: the same names give the same answer to the bit. */
  readonly pair: Pick<Measured, 'champion' | 'candidate'>;
  /** Ordered slots of every metric, in total and by segment. */
  readonly series: readonly SlotSeries[];
  readonly coverage: readonly DayOf<Coverage>[] | null;
  /** First exposures of entities. */
  readonly exposures: readonly DayOf<number>[] | null;
  readonly service: readonly DayOf<Served>[] | null;
  /** Comparisons before this one: see `pastOf`. */
  readonly past: readonly PastSlot[];
}

/** Only the slots: labels complete, no live split. */
export const historyOf = (series: readonly SlotSeries[]): StoredHistory => ({ pair: { champion: { model: 'history', version: 1 }, candidate: { model: 'history', version: 2 } }, series, coverage: null, exposures: null, service: null, past: [] });

/** From the first slot to the end of the last one's day, in whole days. @throws MettleError INVALID_INPUT without a slot */
export function rangeOf(history: StoredHistory): { from: TimeUs; to: TimeUs } {
  let from = Number.MAX_SAFE_INTEGER;
  let to = Number.MIN_SAFE_INTEGER;
  for (const { slots } of history.series) {
    from = Math.min(from, slots[0]?.at ?? from);
    to = Math.max(to, slots.at(-1)?.at ?? to);
  }
  if (from > to) throw new MettleError('INVALID_INPUT', 'a history holds at least one slot', { series: history.series.length });
  return { from: Math.floor(from / DAY_US) * DAY_US, to: (Math.floor(to / DAY_US) + 1) * DAY_US };
}

type Cut = Pick<Measured, 'phase' | 'cohort' | 'watermark'> & { readonly metric: string; readonly splitFrom: TimeUs | null };

/** The measurement that a look at `watermark` would have been given. */
export function measuredFrom(history: StoredHistory, { phase, cohort, watermark, metric, splitFrom }: Cut): Measured {
  const within = <T extends { at: TimeUs }>(days: readonly T[], from: TimeUs, to: TimeUs): T[] => days.filter(({ at }) => at >= from && at < to);
  const series = history.series.map((one) => ({ ...one, slots: slotsBetween(one.slots, cohort.from, cohort.to) }));
  const rows = series.find((one) => one.metric === metric && one.segment === null)?.slots.reduce((sum, slot) => sum + slot.rows, 0) ?? 0;
  const all: Coverage = { predictions: rows, labels: rows, dropped: 0 };
  const covered = history.coverage === null ? null : within(history.coverage, splitFrom ?? cohort.from, cohort.to);
  const add = (of: (day: DayOf<Coverage>) => Coverage): Coverage => (covered ?? []).map(of).reduce((a, b) => ({ predictions: a.predictions + b.predictions, labels: a.labels + b.labels, dropped: a.dropped + b.dropped }), { predictions: 0, labels: 0, dropped: 0 });
  const served = splitFrom === null || history.service === null ? null : within(history.service, splitFrom, watermark);
  const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
  const service = (of: (day: DayOf<Served>) => Served): Served => (served ?? []).map(of).reduce((a, b) => ({ requests: a.requests + b.requests, errors: a.errors + b.errors, slow: sum(a.slow, b.slow) }), { requests: 0, errors: 0, slow: 0 });
  return {
    v: 1, phase, cohort, watermark, series, segments: '0'.repeat(64), ...history.pair,
    coverage: covered === null ? { champion: all, candidate: all } : { champion: add((day) => day.champion), candidate: add((day) => day.other) },
    exposures: splitFrom === null || history.exposures === null ? null : within(history.exposures, splitFrom, watermark).map((day) => ({ champion: day.champion, challenger: day.other })),
    past: [...history.past],
    service: served === null ? null : { champion: service((day) => day.champion), challenger: service((day) => day.other) },
  };
}

/** Slots that begin in [from, to), by bisection: histories are long and looks are many. */
export function slotsBetween(slots: SlotSeries['slots'], from: TimeUs, to: TimeUs): SlotSeries['slots'] {
  const first = (limit: TimeUs): number => {
    let low = 0;
    let high = slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((slots[middle]?.at ?? 0) < limit) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return slots.slice(first(from), first(to));
}
