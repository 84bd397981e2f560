import type { EventRecord } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import type { ServiceDefinition } from '@mettle/feature-language';
import { hashOfView } from '@mettle/feature-language';
import type { Backend, Catalogue, Transaction, ViewEntry } from './backend.ts';
import { applyTo, compileViews, keptViews } from './kept-views.ts';

/** Events in one transaction. */
const BATCH = 2_000;

type Events = Iterable<EventRecord> | AsyncIterable<EventRecord>;

export interface Rebuild {
  /** Keeps what was applied while a rebuild awaits its next events. */
  follow(events: readonly EventRecord[]): void;
  run(definition: ServiceDefinition, events: Events): Promise<void>;
}

const withEntries = (catalogue: Catalogue, hashes: ReadonlySet<string>, upTo: (entry: ViewEntry) => number | null): Catalogue => ({
  ...catalogue,
  views: Object.fromEntries(Object.entries(catalogue.views).map(([hash, entry]) => [hash, hashes.has(hash) ? { ...entry, upTo: upTo(entry) } : entry])),
});

/** Fills views that were registered after events had been applied, beside the live ones; its writes wait for their turn. */
export function createRebuild(backend: Backend, inTurn: <T>(work: () => Promise<T>) => Promise<T>): Rebuild {
  let tail: EventRecord[] | undefined;

  /** Applies what follows `from`; returns how far it came. */
  const advance = (store: Transaction, hashes: ReadonlySet<string>, from: number, events: readonly EventRecord[]): number => {
    const catalogue = store.catalogue();
    const views = keptViews(compileViews(catalogue.definitions), catalogue, (hash) => hashes.has(hash));
    let reached = from;
    for (const event of events) {
      if (event.sequence <= reached) continue;
      if (event.sequence !== reached + 1) throw new MettleError('INVALID_INPUT', `a rebuild at ${reached} was given event ${event.sequence}`, { reached, sequence: event.sequence });
      applyTo(store, views, event);
      reached = event.sequence;
    }
    if (reached !== from) store.putCatalogue(withEntries(catalogue, hashes, ({ upTo }) => Math.max(upTo ?? 0, reached)));
    return reached;
  };
  const checkEnd = (reached: number, position: number): void => {
    if (reached < position) throw new MettleError('INVALID_INPUT', `a rebuild ended at ${reached}, before the store's position ${position}`, { reached, position });
  };

  async function fill(hashes: ReadonlySet<string>, start: number, events: Events, followed: readonly EventRecord[]): Promise<void> {
    // What is durable but not applied yet will come by `apply`: the log is read only up to where the store stands now.
    const { position } = await backend.snapshot((store) => store.head());
    let reached = start;
    let batch: EventRecord[] = [];
    const step = async (): Promise<void> => {
      reached = await inTurn(() => backend.write((store) => advance(store, hashes, reached, batch)));
      batch = [];
    };
    for await (const event of events) {
      if (event.sequence > position) break;
      batch.push(event);
      if (batch.length === BATCH) await step();
    }
    await step();
    checkEnd(reached, position);
    await inTurn(() =>
      backend.write((store) => {
        const head = store.head();
        // An application whose outcome nobody heard may not be among those that were followed.
        checkEnd(advance(store, hashes, reached, followed), head.position);
        store.putCatalogue(withEntries(store.catalogue(), hashes, () => null));
        store.putHead({ position: head.position, generation: head.generation + 1 });
      }),
    );
  }

  return {
    follow: (events) => void tail?.push(...events),
    run: async (definition, events) => {
      const { views } = await backend.snapshot((store) => store.catalogue());
      const hashes = new Set(definition.views.map(hashOfView).filter((hash) => typeof views[hash]?.upTo === 'number'));
      if (hashes.size === 0) return;
      if (tail !== undefined) throw new MettleError('BUSY', 'the online store is already rebuilding', {});
      tail = [];
      try {
        await fill(hashes, Math.min(...[...hashes].map((hash) => views[hash]?.upTo ?? 0)), events, tail);
      } finally {
        tail = undefined;
      }
    },
  };
}
