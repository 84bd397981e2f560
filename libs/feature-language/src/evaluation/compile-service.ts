import type { DurationUs, FeatureStatus, Hash, Keys, TimeUs, Value } from '@mettle/contracts';
import { checkDefinition, typeOfAggregate, typesOfFeatures, viewOf } from '../definition/check-definition.ts';
import { hashOfService } from '../definition/hash-of.ts';
import type { ColumnIR, FeatureType, KeyType } from '../definition/scalar.ts';
import { featureTypeOf } from '../definition/scalar.ts';
import type { ServiceDefinition } from '../definition/service-definition.ts';
import type { CompiledView, ViewRead } from '../reduction/compiled-view.ts';
import { compileView } from '../reduction/compile-view.ts';
import { normalise } from '../reduction/quantise.ts';
import { checkRow } from './check-request.ts';
import type { Row } from './compile-expression.ts';
import { compileExpression, viewsIn } from './compile-expression.ts';

/** A view as a service uses it. */
export interface ServiceView {
  readonly alias: string;
  readonly name: string;
  readonly hash: Hash;
  readonly entityKeys: readonly string[];
  readonly ttl: DurationUs | null;
  readonly reducer: CompiledView;
}

/** A service ready to evaluate rows: the same closures online and in batch. */
export interface CompiledService {
  readonly hash: Hash;
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly features: readonly { readonly name: string; readonly type: FeatureType; readonly category: boolean }[];
  /** Every key that a prediction must carry, each once. */
  readonly joinKeys: readonly string[];
  readonly keyTypes: Readonly<Record<string, KeyType>>;
  readonly request: readonly ({ readonly name: string } & Readonly<ColumnIR>)[];
  readonly views: readonly ServiceView[];
  /** @throws MettleError UNKNOWN_ENTITY | TYPE_MISMATCH | NOT_A_NUMBER | OUT_OF_RANGE */
  checkRequest(keys: Keys, request: Readonly<Record<string, Value>>): void;
  /** `reads` in the order of `views`. An absent request column is null here; `checkRequest` is the edge. */
  evaluate(request: Readonly<Record<string, Value>>, reads: readonly ViewRead[], at: TimeUs): { values: Value[]; statuses: FeatureStatus[] };
}

/** A value that is there is PRESENT; one that is missing says why: the worst of the views that it comes from. */
function statusOf(value: Value, reads: readonly ViewRead[], views: readonly number[]): FeatureStatus {
  if (value !== null) return 'PRESENT';
  let status: FeatureStatus = 'NULL_VALUE';
  for (const view of views) {
    const found = reads[view]?.status;
    if (found === 'NOT_FOUND') return 'NOT_FOUND';
    if (found === 'OUTSIDE_MAX_AGE') status = 'OUTSIDE_MAX_AGE';
  }
  return status;
}

/**
 * Compiles a definition; costs about a millisecond, so do it once.
 * @throws MettleError UNKNOWN_COLUMN | INVALID_WINDOW | INVALID_DEFINITION
 */
export function compileService(definition: ServiceDefinition): CompiledService {
  checkDefinition(definition);
  const { service } = definition;
  const irs = service.views.map((use) => viewOf(use, definition.views));
  const views = service.views.map((use, index): ServiceView => {
    const ir = irs[index] as (typeof irs)[number];
    const source = definition.sources.find(({ name }) => name === ir.source) as ServiceDefinition['sources'][number];
    const reducer = compileView(ir, source);
    return { alias: use.alias, name: ir.name, hash: reducer.hash, entityKeys: reducer.entityKeys, ttl: reducer.ttl, reducer };
  });
  const types = typesOfFeatures(service, definition.views);
  const viewIndex = (alias: string, feature: string) => {
    const view = service.views.findIndex((use) => use.alias === alias);
    return [view, irs[view]?.features.findIndex(({ name }) => name === feature) ?? -1] as const;
  };
  const scope = {
    request: (column: string) => service.request.find(({ name }) => name === column)?.type ?? 'float64',
    view: (alias: string, name: string) => {
      const [view, feature] = viewIndex(alias, name);
      const aggregate = irs[view]?.features[feature]?.aggregate;
      return aggregate === undefined ? 'float64' : typeOfAggregate(aggregate);
    },
    requestIndex: (column: string) => service.request.findIndex(({ name }) => name === column),
    viewIndex,
  };
  const features = service.features.map(({ name, category }, index) => ({ name, type: featureTypeOf(types[index] ?? 'float64'), category }));
  const evaluators = service.features.map(({ expression }) => compileExpression(expression, scope));
  const origins = service.features.map(({ expression }) => [...new Set(viewsIn(expression))].map((alias) => viewIndex(alias, '')[0]));
  const keyTypes: Record<string, KeyType> = Object.assign({}, ...irs.map(({ keys }) => keys));
  const joinKeys = Object.keys(keyTypes).sort();
  const keyList = joinKeys.map((name) => ({ name, type: keyTypes[name] as KeyType }));
  return {
    hash: hashOfService(service),
    name: service.name,
    definition,
    features,
    joinKeys,
    keyTypes,
    request: service.request,
    views,
    checkRequest: (keys, request) => checkRow(keyList, service.request, { keys, request }),
    evaluate: (request, reads, at) => {
      const row: Row = { request: service.request.map((column) => normalise(column, request[column.name])), reads, at };
      const values = evaluators.map((evaluate) => evaluate(row));
      return { values, statuses: values.map((value, index) => statusOf(value, reads, origins[index] as number[])) };
    },
  };
}
