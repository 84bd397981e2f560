import type { EventRecord } from '@mettle/contracts';
import type { CompiledView, ServiceDefinition } from '@mettle/feature-language';
import { compileView, hashOfView } from '@mettle/feature-language';
import type { Catalogue, Transaction } from './backend.ts';

/** A view that the store keeps, and the last event that it holds; null: all up to the head. */
export interface KeptView {
  readonly view: CompiledView;
  readonly id: number;
  readonly upTo: number | null;
}

/** Each view of the definitions once, by hash. */
export function compileViews(definitions: readonly ServiceDefinition[]): Map<string, CompiledView> {
  const compiled = new Map<string, CompiledView>();
  for (const definition of definitions) {
    for (const ir of definition.views) {
      const source = definition.sources.find(({ name }) => name === ir.source);
      if (source !== undefined && !compiled.has(hashOfView(ir))) compiled.set(hashOfView(ir), compileView(ir, source));
    }
  }
  return compiled;
}

/** The views of the catalogue that `wanted` keeps. */
export function keptViews(compiled: ReadonlyMap<string, CompiledView>, catalogue: Catalogue, wanted: (hash: string, upTo: number | null) => boolean): KeptView[] {
  return [...compiled].flatMap(([hash, view]) => {
    const entry = catalogue.views[hash];
    return entry !== undefined && wanted(hash, entry.upTo) ? [{ view, ...entry }] : [];
  });
}

/** Applies an event to those of the views that its source feeds and that do not hold it yet. */
export function applyTo(store: Transaction, views: readonly KeptView[], event: EventRecord): void {
  for (const { view, id, upTo } of views) {
    if (view.source !== event.source || (upTo !== null && event.sequence <= upTo)) continue;
    const entity = view.keyOf(event.keys);
    if (entity !== null) view.applyPieces(store.pieces(id, entity), event);
  }
}
