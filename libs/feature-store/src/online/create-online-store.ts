import type { FeatureVector } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import type { CompiledService, ViewRead } from '@mettle/feature-language';
import { hashOfService, hashOfView } from '@mettle/feature-language';
import type { Backend, Head, Transaction } from './backend.ts';
import type { KeptView } from './kept-views.ts';
import { applyTo, compileViews, keptViews } from './kept-views.ts';
import type { OnlineStore, ReadRow } from './online-store.ts';
import { createRebuild } from './rebuild.ts';

const PARTITION = 0;

/** `anyOrder`: events come as of their visibility and not by sequence; for proofs in memory. */
export interface StoreOptions {
  readonly anyOrder?: boolean;
}

/** The service's views must be kept here and complete; their ids do not change while the catalogue does not. */
function idsOf(service: CompiledService, store: Transaction): number[] {
  const catalogue = store.catalogue();
  return service.views.map(({ name, hash }) => {
    const entry = catalogue.views[hash];
    if (entry === undefined || entry.upTo !== null) {
      throw new MettleError('SERVICE_MISMATCH', `the online store ${entry === undefined ? 'does not keep' : 'is still rebuilding'} view ${name}`, { service: service.hash, view: hash, name });
    }
    return entry.id;
  });
}

function readRows(store: Transaction, { position, generation }: Head, service: CompiledService, ids: readonly number[], rows: readonly ReadRow[]): FeatureVector[] {
  const read = service.views.map(({ hash }) => ({ view: hash, partition: PARTITION, position, generation }));
  // Rows of one request share entities: each (view, entity, T) is read once.
  const seen = service.views.map(() => new Map<string, ViewRead>());
  return rows.map(({ keys, request, at }) => {
    const reads = service.views.map(({ reducer }, index) => {
      const entity = reducer.keyOf(keys);
      if (entity === null) return reducer.read(reducer.init(), at);
      const known = seen[index] as Map<string, ViewRead>;
      const memo = `${at}${entity}`;
      let found = known.get(memo);
      if (found === undefined) known.set(memo, (found = reducer.readPieces(store.pieces(ids[index] as number, entity), at)));
      return found;
    });
    return { service: service.hash, at, ...service.evaluate(request, reads, at), read };
  });
}

/** The store over any backend: the one code path online and in proofs. */
export function createOnlineStore(backend: Backend, { anyOrder = false }: StoreOptions = {}): OnlineStore {
  /** Of one catalogue. */
  let live: { catalogue: string; views: KeptView[] } | undefined;
  const ids = new Map<string, { catalogue: string; generation: number; ids: number[] }>();
  const liveViews = (store: Transaction): readonly KeptView[] => {
    const { catalogue } = store.head();
    if (live?.catalogue !== catalogue) {
      const held = store.catalogue();
      live = { catalogue, views: keptViews(compileViews(held.definitions), held, (_hash, upTo) => upTo === null) };
    }
    return live.views;
  };
  let turn: Promise<unknown> = Promise.resolve();
  /** One write at a time, and what follows from it. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  const rebuild = createRebuild(backend, inTurn);
  /** The furthest position that a read has told: time does not run backwards for who asks again. */
  let told = 0;

  return {
    register: (definition) =>
      inTurn(() =>
        backend.write((store) => {
          const { definitions, views } = store.catalogue();
          const { position } = store.head();
          const next = { ...views };
          for (const view of definition.views) {
            const hash = hashOfView(view);
            next[hash] ??= { id: Object.keys(next).length + 1, upTo: position === 0 ? null : 0 };
          }
          const known = definitions.some((other) => hashOfService(other) === hashOfService(definition));
          if (!known) store.putCatalogue({ definitions: [...definitions, definition], views: next });
          return { rebuild: definition.views.filter((view) => next[hashOfView(view)]?.upTo !== null).map(({ name }) => name) };
        }),
      ),
    definitions: () => backend.snapshot((store) => [...store.catalogue().definitions]),
    apply: async (events) => {
      if (events.length === 0) return;
      await inTurn(async () => {
        await backend.write((store) => {
          const head = store.head();
          const views = liveViews(store);
          let { position } = head;
          for (const event of events) {
            if (!anyOrder) {
              if (event.sequence <= position) continue;
              if (event.sequence !== position + 1 || event.partition !== PARTITION) {
                throw new MettleError('INVALID_INPUT', `event ${event.sequence} of partition ${event.partition} does not follow ${position}`, { position, sequence: event.sequence });
              }
            }
            applyTo(store, views, event);
            position = Math.max(position, event.sequence);
          }
          if (position !== head.position) store.putHead({ position, generation: head.generation });
        });
        rebuild.follow(events);
      });
    },
    rebuild: (definition, events) => rebuild.run(definition, events),
    position: async (partition) => (partition === PARTITION ? backend.snapshot((store) => store.head().position) : 0),
    generation: () => backend.snapshot((store) => store.head().generation),
    read: async (service, rows) => {
      const before = told;
      let position = 0;
      const vectors = await backend.snapshot((store) => {
        const head = store.head();
        let known = ids.get(service.hash);
        if (known?.generation !== head.generation || known.catalogue !== head.catalogue) ids.set(service.hash, (known = { ...head, ids: idsOf(service, store) }));
        ({ position } = head);
        return readRows(store, head, service, known.ids, rows);
      });
      if (position < before) throw new MettleError('UNAVAILABLE', 'the online store lost events and is catching up', { position, told: before });
      told = Math.max(told, position);
      return vectors;
    },
    close: () => backend.close(),
  };
}
