import type { EventRecord, FeatureVector, Keys, TimeUs, Value } from '@mettle/contracts';
import type { CompiledService, ServiceDefinition } from '@mettle/feature-language';

/** One row to read: a prediction's keys, request and T. */
export interface ReadRow {
  readonly keys: Keys;
  readonly request: Readonly<Record<string, Value>>;
  readonly at: TimeUs;
}

/**
 * The state of every registered view, kept by one writer as events become durable. A read at T with position p counts
 * the events with sequence <= p and eventTime <= T. Over Redis every call throws UNAVAILABLE while it is away or empty,
 * and ALREADY_RUNNING in a writer that another one has replaced.
 */
export interface OnlineStore {
  /**
   * Keeps the definition's views from now on. `rebuild` names those that must first be rebuilt, because events were
   * applied before; until then reads of the service give SERVICE_MISMATCH. Idempotent and persistent.
   */
  register(definition: ServiceDefinition): Promise<{ rebuild: string[] }>;
  definitions(): Promise<ServiceDefinition[]>;
  /**
   * One transaction. Events already applied are ignored.
   * @throws MettleError INVALID_INPUT when a sequence is left out; nothing is applied
   */
  apply(events: readonly EventRecord[]): Promise<void>;
  /**
   * Fills views that were registered late from the event log, from its first event (or, after a kill, from where it
   * stopped). Events applied meanwhile are not lost.
   * @throws MettleError INVALID_INPUT when the events have a gap or end before the store's position
   */
  rebuild(definition: ServiceDefinition, events: Iterable<EventRecord> | AsyncIterable<EventRecord>): Promise<void>;
  /** The sequence that was last applied; 0: none. */
  position(partition: number): Promise<number>;
  generation(): Promise<number>;
  /**
   * Values and positions of all rows in one snapshot of the store.
   * @throws MettleError SERVICE_MISMATCH when a view of the service is not kept here, or not yet; UNAVAILABLE when the
   * store stands before what this reader has seen (it lost events and is catching up)
   */
  read(service: CompiledService, rows: readonly ReadRow[]): Promise<FeatureVector[]>;
  close(): Promise<void>;
}
