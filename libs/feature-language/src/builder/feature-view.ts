import { checkView } from '../definition/check-definition.ts';
import { checkShape } from '../definition/check-shape.ts';
import { FeatureViewIR } from '../definition/feature-view-ir.ts';
import type { KeyType } from '../definition/scalar.ts';
import type { Aggregate, Column } from './aggregate.ts';
import type { Columns } from './column.ts';
import { names } from './names.ts';
import type { Entity, Source } from './source.ts';

export type Aggregates = Record<string, Aggregate>;

/** A view, and what it refers to. */
export interface FeatureView<F extends Aggregates = Aggregates> {
  readonly ir: FeatureViewIR;
  readonly source: Source;
  readonly entity: Entity;
  readonly features: F;
}

type ColumnsOf<C extends Columns> = { readonly [N in keyof C]: Column<C[N]['type']> };

/**
 * Declares aggregates of a source's events per entity. The entity's keys are among the source's.
 * @throws MettleError UNKNOWN_COLUMN | INVALID_WINDOW | INVALID_DEFINITION
 */
export function featureView<EK extends Record<string, KeyType>, SK extends EK, C extends Columns, F extends Aggregates>(
  name: string,
  options: { owner: string; entity: Entity<EK>; source: Source<SK, C>; ttl: number | null; features: (columns: ColumnsOf<C>) => F; description?: string },
): FeatureView<F> {
  const { owner, entity, source, ttl, description = '' } = options;
  const columns = Object.fromEntries(Object.entries(source.columns).map(([column, type]) => [column, { ref: { column, ...type } }]));
  const features = options.features(names(`source ${source.name}`, columns) as unknown as ColumnsOf<C>);
  const ir = checkShape(FeatureViewIR, {
    v: 1, kind: 'featureView', name, owner, description, entity: entity.name, keys: entity.keys, source: source.name, ttl,
    features: Object.entries(features).map(([feature, aggregate]) => ({ name: feature, aggregate: aggregate.ir })),
  });
  checkView(ir, source);
  return { ir, source, entity, features };
}
