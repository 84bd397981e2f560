import { checkEvent, hashOfSource, type SourceIR } from '@mettle/feature-language';
import { MettleError, type EventInput, type Value } from '@mettle/contracts';

/** A registered source, ready to check what is pushed. */
export type EventSource = {
  readonly ir: SourceIR;
  /** Goes into every record as `schema`. */
  readonly hash: string;
  readonly keys: readonly string[];
  readonly columns: readonly string[];
};

export const eventSource = (ir: SourceIR): EventSource => ({ ir, hash: hashOfSource(ir), keys: Object.keys(ir.keys).sort(), columns: Object.keys(ir.columns).sort() });

/**
 * A source may gain columns; what its events already mean may not change.
 * @throws MettleError ALREADY_EXISTS
 */
export function checkSuccessor(known: SourceIR, next: SourceIR): void {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const sorted = (record: object): unknown => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  const changed = Object.entries(known.columns).filter(([name, column]) => !same(sorted(column), sorted(next.columns[name] ?? {}))).map(([name]) => name);
  if (known.clock !== next.clock || !same(sorted(known.keys), sorted(next.keys)) || changed.length > 0) {
    throw new MettleError('ALREADY_EXISTS', `source ${known.name} is registered with another clock, other keys or other columns`, { source: known.name, changed });
  }
}

const integer = (name: string, value: unknown): void => {
  if (typeof value !== 'number') throw new MettleError('TYPE_MISMATCH', `${name} is an integer of µs`, { field: name });
  if (!Number.isSafeInteger(value)) throw new MettleError(Number.isNaN(value) ? 'NOT_A_NUMBER' : 'OUT_OF_RANGE', `${name} is an integer of µs within 2^53, not ${value}`, { field: name });
};

/** What two pushes of an event are compared by: keys, values and event time, in the source's order, as text. */
export type Payload = string;

export type Parts = { readonly keys: Record<string, string | number>; readonly values: Record<string, Value>; readonly eventTime: number };

/**
 * Checks an input; gives it in the source's order. Columns that are absent are null.
 * @throws MettleError MISSING_KNOWN_AT, UNKNOWN_COLUMN, UNKNOWN_ENTITY, TYPE_MISMATCH, NOT_A_NUMBER, OUT_OF_RANGE, INVALID_INPUT
 */
export function checkInput({ ir, keys, columns }: EventSource, input: EventInput): Parts {
  const { eventId } = input;
  if (typeof eventId !== 'string' || eventId.length === 0 || eventId.length > 256 || /\p{Surrogate}/u.test(eventId)) {
    throw new MettleError('INVALID_INPUT', 'an eventId is 1 to 256 characters of well-formed text', { source: ir.name });
  }
  integer('eventTime', input.eventTime);
  if (ir.clock === 'event') {
    if (input.publishedAt === null || input.publishedAt === undefined) {
      throw new MettleError('MISSING_KNOWN_AT', `event ${eventId} of ${ir.name} does not say when it was known`, { source: ir.name, eventId });
    }
  }
  if (input.publishedAt !== null && input.publishedAt !== undefined) integer('publishedAt', input.publishedAt);
  const values: Record<string, Value> = {};
  for (const name of columns) {
    const value = Object.hasOwn(input.values, name) ? input.values[name] : null;
    values[name] = value === undefined ? null : Object.is(value, -0) ? 0 : value;
  }
  // What is not declared stays in, for `checkEvent` to name it.
  for (const name of Object.keys(input.values)) if (!Object.hasOwn(values, name)) values[name] = input.values[name]!;
  checkEvent(ir, { keys: input.keys, values });
  const ordered: Record<string, string | number> = {};
  for (const name of keys) ordered[name] = input.keys[name]!;
  return { keys: ordered, values, eventTime: input.eventTime };
}

export const payloadOf = ({ keys, values, eventTime }: Parts): Payload => JSON.stringify([keys, values, eventTime]);

export function partsOf(payload: Payload): Parts {
  const [keys, values, eventTime] = JSON.parse(payload) as [Parts['keys'], Parts['values'], number];
  return { keys, values, eventTime };
}
