import type { EventInput, EventRecord, RawSegment } from '@mettle/contracts';
import type { EventLog } from '@mettle/event-log';
import { hashOfService, type ServiceDefinition } from '@mettle/feature-language';
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
  /** Applies what a store that was away did not take, and fills again one that lost events. Does nothing else; called now and then. */
  tend(): Promise<void>;
}

export interface IngestDeps {
  readonly events: Pick<EventLog, 'append' | 'replay' | 'last'>;
  readonly online: OnlineStore;
  /** Sealed pieces of the event log that may have left its directory. */
  readonly raws: () => Promise<readonly RawSegment[]>;
  /** Every feature service that is served. */
  readonly definitions: () => Promise<readonly ServiceDefinition[]>;
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
export function createIngest({ events, online, raws, definitions }: IngestDeps): Ingest {
  /** Durable and not yet applied, by first sequence. */
  const durable = new Map<number, EventRecord[]>();
  let waiters: Waiter[] = [];
  let applied = 0;
  /** Hashes of what this process has made the store serve. */
  const served = new Set<string>();
  /** False while a recovery has not come to its end. */
  let whole = true;

  const history = async (from: number) => events.replay(from, [...(await raws())]);
  let turn: Promise<unknown> = Promise.resolve();
  /** One rebuild at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  const keep = (definition: ServiceDefinition): Promise<void> =>
    inTurn(async () => {
      if ((await online.register(definition)).rebuild.length > 0) await online.rebuild(definition, await history(1));
      served.add(hashOfService(definition));
    });

  /** Brings the store from where it stands to `target`, with every view. @returns events applied */
  const catchUp = async (target: number): Promise<number> => {
    whole = false;
    const all = await definitions();
    // Views that an empty store keeps from the start need no rebuild.
    for (const definition of all) await online.register(definition);
    const from = await online.position(PARTITION);
    let count = 0;
    let chunk: EventRecord[] = [];
    const flush = async (): Promise<void> => {
      await online.apply(chunk);
      count += chunk.length;
      chunk = [];
    };
    if (from < target) {
      for await (const record of await history(from + 1)) {
        if (record.sequence > target) break;
        if (chunk.push(record) >= CHUNK) await flush();
      }
      await flush();
    }
    for (const definition of all) await keep(definition);
    whole = true;
    return count;
  };

  const ready = (): { records: EventRecord[]; pieces: EventRecord[][]; reached: number } => {
    const pieces: EventRecord[][] = [];
    let reached = applied;
    for (let next = durable.get(reached + 1); next !== undefined; next = durable.get(reached + 1)) {
      pieces.push(next);
      reached += next.length;
    }
    return { records: pieces.length === 1 ? pieces[0]! : pieces.flat(), pieces, reached };
  };
  const settle = (reached: number, tell: (waiter: Waiter) => void): void => {
    const settled = waiters.filter(({ position }) => position <= reached);
    if (settled.length === 0) return;
    waiters = waiters.filter(({ position }) => position > reached);
    settled.forEach(tell);
  };
  /** A store elsewhere may have lost what it was given: it is filled again first. `thorough`: or its views. */
  const refill = async (thorough: boolean): Promise<void> => {
    if (whole && (await online.position(PARTITION)) >= applied && !(thorough && (await online.definitions()).length < served.size)) return;
    await catchUp(applied);
  };

  let draining = false;
  /** Applies all that is next, batch by batch; those that wait together go in one transaction. */
  const drain = async (thorough: boolean): Promise<void> => {
    if (draining) return;
    draining = true;
    try {
      if (thorough) await refill(true);
      while (durable.has(applied + 1)) {
        const { records, pieces, reached } = ready();
        await refill(false);
        await online.apply(records);
        for (const piece of pieces) durable.delete(piece[0]!.sequence);
        applied = reached;
        settle(applied, ({ done }) => done());
      }
    } catch (error) {
      // They stay, and the next push tries them again: nothing that follows may be applied before.
      settle(ready().reached, ({ failed }) => failed(error));
      if (thorough) throw error;
    } finally {
      draining = false;
    }
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
          void drain(false);
        });
      }
      return { accepted: inputs.length - duplicates, duplicates, position };
    },
    serve: keep,
    async recover() {
      const count = await catchUp(events.last);
      applied = await online.position(PARTITION);
      return count;
    },
    tend: () => drain(true),
  };
}
