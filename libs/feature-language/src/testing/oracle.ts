import type { TimeUs, Value } from '@mettle/contracts';
import type { FeatureViewIR } from '../definition/feature-view-ir.ts';
import type { ViewEvent, ViewRead } from '../reduction/compiled-view.ts';

/** Sign, digits and exponent of a decimal text, as an integer of 10^-scale; halves away from zero. */
function decimalUnits(value: number, scale: number): bigint {
  const [mantissa = '0', exponent = '0'] = value.toString().replace('-', '').split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const digits = whole + fraction;
  const places = fraction.length - Number(exponent);
  const drop = places - scale;
  const units = drop <= 0 ? BigInt(digits) * 10n ** BigInt(-drop) : (BigInt(digits) + 5n * 10n ** BigInt(drop - 1)) / 10n ** BigInt(drop);
  return value < 0 ? -units : units;
}

/** n/d by decimal long division to 40 places, parsed by the engine: another route to the nearest double. */
export function longDivision(n: bigint, d: bigint): number {
  const size = n < 0n ? -n : n;
  const whole = size / d;
  let rest = size % d;
  let digits = '';
  for (let place = 0; place < 60; place += 1) {
    rest *= 10n;
    digits += (rest / d).toString();
    rest %= d;
  }
  const value = Number(`${whole}.${digits}${rest === 0n ? '' : '1'}`);
  return value === 0 ? 0 : n < 0n ? -value : value;
}

/**
 * What a view says at T by its definition, looking at every event: O(n) a read, without tiles, prefixes or order of
 * arrival. Each event lives unless a retraction of its id and time came after it.
 */
export function oracleRead(view: FeatureViewIR, applied: readonly ViewEvent[], at: TimeUs): ViewRead {
  const live = applied.filter(
    (event) =>
      event.op === 'assert' && event.eventTime <= at &&
      !applied.some((other) => other.op === 'retract' && other.eventId === event.eventId && other.eventTime === event.eventTime && other.sequence > event.sequence &&
        !applied.some((again) => again.op === 'assert' && again.eventId === event.eventId && again.eventTime === event.eventTime && again.sequence > event.sequence && again.sequence < other.sequence)),
  );
  let newest: ViewEvent | undefined;
  for (const event of live) {
    const rank = newest === undefined ? 1 : event.eventTime - newest.eventTime || event.knownAt - newest.knownAt || event.sequence - newest.sequence;
    if (rank > 0) newest = event;
  }
  const fresh = newest !== undefined && (view.ttl === null || newest.eventTime >= at - view.ttl);
  const within = (window: number) => live.filter((event) => event.eventTime > at - window);
  const values = view.features.map(({ aggregate }): Value => {
    if (aggregate.op === 'count') return within(aggregate.window).length;
    const { column, scale = 0, type } = aggregate.input;
    const exact = (value: Value | undefined): bigint | null => (typeof value === 'number' ? decimalUnits(value, scale) : null);
    if (aggregate.op === 'latest') {
      const value = fresh ? (newest?.values[column] ?? null) : null;
      return typeof value === 'number' && (type === 'int64' || aggregate.input.scale !== undefined) ? longDivision(decimalUnits(value, scale), 10n ** BigInt(scale)) : value;
    }
    const present = within(aggregate.window).map((event) => exact(event.values[column])).filter((units) => units !== null);
    if (present.length === 0) return null;
    const total = present.reduce((sum, units) => sum + units, 0n);
    return longDivision(total, 10n ** BigInt(scale) * (aggregate.op === 'mean' ? BigInt(present.length) : 1n));
  });
  const hasLatest = view.features.some(({ aggregate }) => aggregate.op === 'latest');
  const longest = Math.max(0, ...view.features.map(({ aggregate }) => (aggregate.op === 'latest' ? 0 : aggregate.window)));
  const found = hasLatest ? newest !== undefined : within(longest).length > 0;
  return { status: !found ? 'NOT_FOUND' : hasLatest && !fresh ? 'OUTSIDE_MAX_AGE' : 'PRESENT', values };
}
