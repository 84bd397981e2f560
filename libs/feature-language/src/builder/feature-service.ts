import { MettleError } from '@mettle/contracts';
import { checkDefinition } from '../definition/check-definition.ts';
import { checkShape } from '../definition/check-shape.ts';
import { FeatureServiceIR } from '../definition/feature-service-ir.ts';
import { hashOfView } from '../definition/hash-of.ts';
import type { ServiceDefinition } from '../definition/service-definition.ts';
import type { Aggregate } from './aggregate.ts';
import type { Columns } from './column.ts';
import type { Expr, ExprOf } from './expression.ts';
import { expression } from './expression.ts';
import type { FeatureView } from './feature-view.ts';
import type { Category } from './functions.ts';
import { names } from './names.ts';

/** A service, and the views that it uses. */
export interface FeatureService {
  readonly ir: FeatureServiceIR;
  readonly views: readonly FeatureView[];
}

type Views = Record<string, FeatureView>;
type Inputs<R extends Columns, V extends Views> = { readonly request: { readonly [N in keyof R]: ExprOf<R[N]['type']> } } & {
  readonly [A in keyof V]: { readonly [F in keyof V[A]['features']]: V[A]['features'][F] extends Aggregate<infer T> ? ExprOf<T> : never };
};

const unique = <T extends { name: string }>(items: readonly T[]): T[] => [...new Map(items.map((item) => [item.name, item])).values()];

/** The service as self-contained JSON: what is stored, hashed by `hashOfService`, and sent everywhere. */
export function serviceDefinition(service: FeatureService): ServiceDefinition {
  return {
    v: 1,
    service: service.ir,
    views: [...new Map(service.views.map((view) => [hashOfView(view), view.ir])).values()],
    sources: unique(service.views.map((view) => view.source)),
    entities: unique(service.views.map((view) => view.entity)),
  };
}

/**
 * Declares the ordered features of a model. Each view is read by its entity's keys among the prediction's keys.
 * @throws MettleError UNKNOWN_COLUMN | INVALID_DEFINITION
 */
export function featureService<R extends Columns, V extends Views>(
  name: string,
  options: { owner: string; request: R; views: V; features: (inputs: Inputs<R, V>) => Record<string, Expr | Category>; description?: string },
): FeatureService {
  const { owner, request, views, description = '' } = options;
  if ('request' in views) throw new MettleError('INVALID_DEFINITION', 'a view cannot be called request', { service: name });
  const inputs = Object.fromEntries([
    ['request', names('the request', Object.fromEntries(Object.keys(request).map((column) => [column, expression({ op: 'request', column })])))],
    ...Object.entries(views).map(([alias, view]) => [
      alias,
      names(`view ${alias}`, Object.fromEntries(Object.keys(view.features).map((feature) => [feature, expression({ op: 'view', view: alias, feature })]))),
    ]),
  ]) as Inputs<R, V>;
  const features = options.features(inputs);
  const ir = checkShape(FeatureServiceIR, {
    v: 1, kind: 'featureService', name, owner, description,
    request: Object.entries(request).map(([column, type]) => ({ name: column, ...type })),
    views: Object.entries(views).map(([alias, view]) => ({ alias, view: view.ir.name, hash: hashOfView(view) })),
    features: Object.entries(features).map(([feature, value]) =>
      'category' in value
        ? { name: feature, expression: value.category.ir, category: true }
        : { name: feature, expression: value.ir, category: false }),
  });
  const service = { ir, views: Object.values(views) };
  checkDefinition(serviceDefinition(service));
  return service;
}
