import type { ViewPieces } from '@mettle/feature-language';
import { memoryPieces } from '@mettle/feature-language';
import type { Backend, Catalogue, Head } from './backend.ts';

export function memoryBackend(): Backend {
  let head: Head = { position: 0, generation: 1 };
  let catalogue: Catalogue = { definitions: [], views: {} };
  const views = new Map<number, Map<string, ViewPieces>>();
  return {
    write: (work) => work(),
    snapshot: (work) => work(),
    head: () => head,
    putHead: (next) => void (head = next),
    catalogue: () => catalogue,
    putCatalogue: (next) => void (catalogue = next),
    pieces: (view, entity) => {
      let entities = views.get(view);
      if (entities === undefined) views.set(view, (entities = new Map<string, ViewPieces>()));
      let pieces = entities.get(entity);
      if (pieces === undefined) entities.set(entity, (pieces = memoryPieces()));
      return pieces;
    },
    close: () => Promise.resolve(),
  };
}
