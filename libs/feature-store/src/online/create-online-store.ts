import type { FeatureVector } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import type { CompiledService, CompiledView, ServiceDefinition, ViewRead } from '@mettle/feature-language';
import { hashOfService, hashOfView } from '@mettle/feature-language';
import type { Backend, Catalogue } from './backend.ts';
import type { KeptView } from './kept-views.ts';
import { applyTo, compileViews, keptViews } from './kept-views.ts';
import type { OnlineStore, ReadRow } from './online-store.ts';
import { createRebuild } from './rebuild.ts';

const PARTITION = 0;

/** `anyOrder`: events come as of their visibility and not by sequence; for proofs in memory. */
export interface StoreOptions {
  readonly anyOrder?: boolean;
}

/** The service's views must be kept here and complete; their ids do not change within a generation. */
function idsOf(service: CompiledService, catalogue: Catalogue): number[] {
  return service.views.map(({ name, hash }) => {
    const entry = catalogue.views[hash];
    if (entry === undefined || entry.upTo !== null) {
      throw new MettleError('SERVICE_MISMATCH', `the online store ${entry === undefined ? 'does not keep' : 'is still rebuilding'} view ${name}`, { service: service.hash, view: hash, name });
    }
    return entry.id;
  });
}

function readRows(backend: Backend, service: CompiledService, ids: readonly number[], rows: readonly ReadRow[]): FeatureVector[] {
  const { position, generation } = backend.head();
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
      if (found === undefined) known.set(memo, (found = reducer.readPieces(backend.pieces(ids[index] as number, entity), at)));
      return found;
    });
    return { service: service.hash, at, ...service.evaluate(request, reads, at), read };
  });
}

/** The store over any backend: the one code path online and in proofs. */
export function createOnlineStore(backend: Backend, { anyOrder = false }: StoreOptions = {}): OnlineStore {
  let compiled = new Map<string, CompiledView>();
  let live: KeptView[] = [];
  const ids = new Map<string, { generation: number; ids: number[] }>();
  const refresh = (): void => {
    const catalogue = backend.catalogue();
    compiled = compileViews(catalogue.definitions);
    live = keptViews(compiled, catalogue, (_hash, upTo) => upTo === null);
    ids.clear();
  };
  refresh();
  const rebuild = createRebuild(backend, () => compiled, refresh);

  return {
    register: (definition) =>
      backend.write(() => {
        const { definitions, views } = backend.catalogue();
        const { position } = backend.head();
        const next = { ...views };
        for (const view of definition.views) {
          const hash = hashOfView(view);
          next[hash] ??= { id: Object.keys(next).length + 1, upTo: position === 0 ? null : 0 };
        }
        const known = definitions.some((other) => hashOfService(other) === hashOfService(definition));
        if (!known) {
          backend.putCatalogue({ definitions: [...definitions, definition], views: next });
          refresh();
        }
        return { rebuild: definition.views.filter((view) => next[hashOfView(view)]?.upTo !== null).map(({ name }) => name) };
      }),
    definitions: () => backend.snapshot(() => [...backend.catalogue().definitions]) as ServiceDefinition[],
    apply: (events) => {
      if (events.length === 0) return;
      backend.write(() => {
        const head = backend.head();
        let { position } = head;
        for (const event of events) {
          if (!anyOrder) {
            if (event.sequence <= position) continue;
            if (event.sequence !== position + 1 || event.partition !== PARTITION) {
              throw new MettleError('INVALID_INPUT', `event ${event.sequence} of partition ${event.partition} does not follow ${position}`, { position, sequence: event.sequence });
            }
          }
          applyTo(backend, live, event);
          position = Math.max(position, event.sequence);
        }
        if (position !== head.position) backend.putHead({ ...head, position });
      });
      rebuild.follow(events);
    },
    rebuild: (definition, events) => rebuild.run(definition, events),
    position: (partition) => (partition === PARTITION ? backend.snapshot(() => backend.head().position) : 0),
    get generation() {
      return backend.snapshot(() => backend.head().generation);
    },
    read: (service, rows) =>
      backend.snapshot(() => {
        const { generation } = backend.head();
        let known = ids.get(service.hash);
        if (known?.generation !== generation) ids.set(service.hash, (known = { generation, ids: idsOf(service, backend.catalogue()) }));
        return readRows(backend, service, known.ids, rows);
      }),
    close: () => backend.close(),
  };
}
