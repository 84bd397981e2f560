import type { TimeUs } from '@mettle/contracts';

const wallTime = (): TimeUs => Math.floor((performance.timeOrigin + performance.now()) * 1000);

/** Wall time in µs, strictly increasing over all calls and after `last`, also when the machine's clock steps back. */
export function wallClock(now: () => TimeUs = wallTime): (last: TimeUs) => TimeUs {
  let given = Number.NEGATIVE_INFINITY;
  return (last) => (given = Math.max(given + 1, last + 1, now()));
}
