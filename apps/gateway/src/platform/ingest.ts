import type { EventInput, EventRecord, RawSegment } from '@mettle/contracts';
import type { EventLog } from '@mettle/event-log';
import type { ServiceDefinition } from '@mettle/feature-language';
import type { OnlineStore } from '@mettle/feature-store';

/** What a push was worth: `position` is the sequence through which the online store answers. */
export interface Acknowledgement {
  readonly accepted: number;
  readonly duplicates: number;
  readonly position: number;
}

export interface Ingest {
  /** Durable append, then apply to the online store, then acknowledge: what was acknowledged is served. */
  push(source: string, events: readonly EventInput[]): Promise<Acknowledgement>;
  /** Makes the online store serve a definition; views that come after events are first filled from the log. */
  serve(definition: ServiceDefinition): Promise<void>;
  /** Applies what was durable but not applied when the process ended, and finishes rebuilds that it left. @returns events applied */
  recover(): Promise<number>;
}

export interface IngestDeps {
  readonly events: Pick<EventLog, 'append' | 'replay' | 'last'>;
  readonly online: OnlineStore;
  /** Sealed pieces of the event log that may have left its directory. */
  readonly raws: () => Promise<readonly RawSegment[]>;
}

const PARTITION = 0;
/** Events in one transaction while catching up. */
const CHUNK = 5_000;

interface Waiter {
  readonly position: number;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The single writer of the online store. Appends finish in any order; their events are applied in order of sequence,
 * those that wait together in one transaction.
 */
export function createIngest({ events, online, raws }: IngestDeps): Ingest {
  /** Durable and not yet applied, by first sequence. */
  const durable = new Map<number, EventRecord[]>();
  let waiters: Waiter[] = [];
  let applied = online.position(PARTITION);

  const drain = (): void => {
    const ready: EventRecord[][] = [];
    let reached = applied;
    for (let next = durable.get(reached + 1); next !== undefined; next = durable.get(reached + 1)) {
      ready.push(next);
      reached += next.length;
    }
    let failure: { error: unknown } | null = null;
    try {
      if (ready.length > 0) online.apply(ready.length === 1 ? ready[0]! : ready.flat());
      for (const records of ready) durable.delete(records[0]!.sequence);
      applied = reached;
    } catch (error) {
      // They stay, and the next push tries them again: nothing that follows may be applied before.
      failure = { error };
    }
    const settled = waiters.filter(({ position }) => position <= reached);
    if (settled.length === 0) return;
    waiters = waiters.filter(({ position }) => position > reached);
    for (const { done, failed } of settled) {
      if (failure === null) done();
      else failed(failure.error);
    }
  };
  const history = async (from: number) => events.replay(from, [...(await raws())]);
  const rebuild = async (definition: ServiceDefinition): Promise<void> => online.rebuild(definition, await history(1));

  let turn: Promise<unknown> = Promise.resolve();
  /** One rebuild at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  return {
    async push(source, inputs) {
      const { records, duplicates, position } = await events.append(source, inputs);
      const [first] = records;
      if (first !== undefined) durable.set(first.sequence, records);
      // A duplicate too waits for what it repeats: it may be on its way.
      if (position > applied) {
        await new Promise<void>((done, failed) => {
          waiters.push({ position, done, failed });
          drain();
        });
      }
      return { accepted: inputs.length - duplicates, duplicates, position };
    },
    serve: (definition) =>
      inTurn(async () => {
        if (online.register(definition).rebuild.length > 0) await rebuild(definition);
      }),
    recover: () =>
      inTurn(async () => {
        let count = 0;
        if (applied < events.last) {
          let chunk: EventRecord[] = [];
          const flush = (): void => {
            online.apply(chunk);
            count += chunk.length;
            chunk = [];
          };
          for await (const record of await history(applied + 1)) if (chunk.push(record) >= CHUNK) flush();
          flush();
          applied = online.position(PARTITION);
        }
        for (const definition of online.definitions()) if (online.register(definition).rebuild.length > 0) await rebuild(definition);
        return count;
      }),
  };
}
