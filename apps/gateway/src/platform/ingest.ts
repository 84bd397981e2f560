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

interface Waiting {
  readonly records: EventRecord[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The single writer of the online store. Appends finish in any order; their events are applied in order of sequence,
 * those that wait together in one transaction.
 */
export function createIngest({ events, online, raws }: IngestDeps): Ingest {
  /** Durable and not yet applied, by first sequence. */
  const waiting = new Map<number, Waiting>();
  let applied = online.position(PARTITION);

  const drain = (): void => {
    const ready: Waiting[] = [];
    let reached = applied;
    for (let next = waiting.get(reached + 1); next !== undefined; next = waiting.get(reached + 1)) {
      ready.push(next);
      reached += next.records.length;
    }
    if (ready.length === 0) return;
    for (const { records } of ready) waiting.delete(records[0]!.sequence);
    try {
      online.apply(ready.length === 1 ? ready[0]!.records : ready.flatMap(({ records }) => records));
      applied = reached;
      for (const { done } of ready) done();
    } catch (error) {
      // The events are durable: the next start applies them. Until then nothing that follows may be applied.
      for (const { failed } of ready) failed(error);
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
      if (first !== undefined) {
        await new Promise<void>((done, failed) => {
          waiting.set(first.sequence, { records, done, failed });
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
