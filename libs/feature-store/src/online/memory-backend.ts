import type { ViewPieces } from '@mettle/feature-language';
import { memoryPieces } from '@mettle/feature-language';
import type { Backend, Catalogue, Head, Transaction } from './backend.ts';

export function memoryBackend(): Backend {
  let head: Head = { position: 0, generation: 1, catalogue: '0' };
  let catalogue: Catalogue = { definitions: [], views: {} };
  const views = new Map<number, Map<string, ViewPieces>>();
  const store: Transaction = {
    head: () => head,
    putHead: (next) => void (head = { ...head, ...next }),
    catalogue: () => catalogue,
    putCatalogue: (next) => {
      catalogue = next;
      head = { ...head, catalogue: String(Number(head.catalogue) + 1) };
    },
    pieces: (view, entity) => {
      let entities = views.get(view);
      if (entities === undefined) views.set(view, (entities = new Map<string, ViewPieces>()));
      let pieces = entities.get(entity);
      if (pieces === undefined) entities.set(entity, (pieces = memoryPieces()));
      return pieces;
    },
  };
  return {
    write: async (work) => work(store),
    snapshot: async (work) => work(store),
    close: () => Promise.resolve(),
  };
}
