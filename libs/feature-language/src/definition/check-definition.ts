import { MettleError } from '@mettle/contracts';
import type { AggregateIR, ColumnRef, FeatureViewIR } from './feature-view-ir.ts';
import type { FeatureServiceIR } from './feature-service-ir.ts';
import { hashOfView } from './hash-of.ts';
import type { EntityIR } from './entity-ir.ts';
import type { ColumnIR, ScalarType } from './scalar.ts';
import type { SourceIR } from './source-ir.ts';
import { typeOfExpression } from './type-of-expression.ts';

/** More tiles than this in one window would be a scan at each read. */
export const MAX_TILES = 10_000;

interface Definition {
  service: FeatureServiceIR;
  views: readonly FeatureViewIR[];
  sources: readonly SourceIR[];
  entities: readonly EntityIR[];
}

const invalid = (message: string, data: Record<string, string | number | null> = {}): never => {
  throw new MettleError('INVALID_DEFINITION', message, data);
};

function checkNames(what: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (name in Object.prototype) invalid(`${name} cannot name a ${what}`, { name });
    if (seen.has(name)) invalid(`two of the ${what}s are named ${name}`, { name });
    seen.add(name);
  }
}

function checkColumn(owner: string, name: string, column: ColumnIR): void {
  if (column.scale !== undefined && column.type !== 'float64') invalid(`${owner}.${name}: only a float64 has a scale`, { column: name });
}

/** @throws MettleError INVALID_DEFINITION */
export function checkSource(source: SourceIR): void {
  checkNames('key', Object.keys(source.keys));
  checkNames('column', Object.keys(source.columns));
  if (Object.keys(source.keys).length === 0) invalid(`source ${source.name} has no keys`, { source: source.name });
  for (const [name, column] of Object.entries(source.columns)) checkColumn(source.name, name, column);
}

/** @throws MettleError INVALID_DEFINITION */
export function checkEntity(entity: EntityIR): void {
  checkNames('key', Object.keys(entity.keys));
  if (Object.keys(entity.keys).length === 0) invalid(`entity ${entity.name} has no keys`, { entity: entity.name });
}

function checkInput(view: FeatureViewIR, source: SourceIR, input: ColumnRef): void {
  const column = Object.hasOwn(source.columns, input.column) ? source.columns[input.column] : undefined;
  if (column === undefined) {
    throw new MettleError('UNKNOWN_COLUMN', `${view.name}: source ${source.name} has no column ${input.column}`, {
      view: view.name, source: source.name, column: input.column, columns: Object.keys(source.columns),
    });
  }
  if (column.type !== input.type || column.scale !== input.scale) {
    invalid(`${view.name}: ${input.column} was declared otherwise when the view was written`, { view: view.name, column: input.column });
  }
}

function checkWindow(view: FeatureViewIR, feature: string, window: number, hop: number): void {
  const ok = Number.isSafeInteger(window) && Number.isSafeInteger(hop) && window > 0 && hop > 0 && window % hop === 0 && window / hop <= MAX_TILES;
  if (!ok) throw new MettleError('INVALID_WINDOW', `${view.name}.${feature}: a window of ${window} µs in hops of ${hop} µs`, { view: view.name, feature, window, hop });
}

function checkAggregate(view: FeatureViewIR, source: SourceIR, feature: string, aggregate: AggregateIR): void {
  if (aggregate.op !== 'latest') checkWindow(view, feature, aggregate.window, aggregate.hop);
  if (aggregate.op !== 'count') checkInput(view, source, aggregate.input);
  if (aggregate.op === 'sum' || aggregate.op === 'mean') {
    const { type, scale } = aggregate.input;
    if (type !== 'int64' && !(type === 'float64' && scale !== undefined)) {
      invalid(`${view.name}.${feature}: ${aggregate.op} takes an int64, or a float64 with a scale`, { view: view.name, feature });
    }
  }
}

/** @throws MettleError UNKNOWN_COLUMN | INVALID_WINDOW | INVALID_DEFINITION */
export function checkView(view: FeatureViewIR, source: SourceIR): void {
  if (source.name !== view.source) invalid(`view ${view.name} reads source ${view.source}`, { view: view.name, source: source.name });
  if (view.ttl !== null && view.ttl <= 0) throw new MettleError('INVALID_WINDOW', `${view.name}: a ttl of ${view.ttl} µs`, { view: view.name, ttl: view.ttl });
  checkNames('key', Object.keys(view.keys));
  for (const [key, type] of Object.entries(view.keys)) {
    if (!Object.hasOwn(source.keys, key)) {
      throw new MettleError('UNKNOWN_COLUMN', `${view.name}: source ${source.name} has no key ${key}`, { view: view.name, source: source.name, column: key });
    }
    if (source.keys[key] !== type) invalid(`${view.name}: key ${key} is a ${String(source.keys[key])} in source ${source.name}`, { view: view.name, key });
  }
  checkNames('feature', view.features.map((feature) => feature.name));
  for (const { name, aggregate } of view.features) checkAggregate(view, source, name, aggregate);
}

/** The type of a view's feature. */
export const typeOfAggregate = (aggregate: AggregateIR): ScalarType =>
  aggregate.op === 'latest' ? aggregate.input.type : aggregate.op === 'count' ? 'int64' : 'float64';

/**
 * The type of each feature of the service, in order; also its check.
 * @throws MettleError UNKNOWN_COLUMN | INVALID_DEFINITION
 */
export function typesOfFeatures(service: FeatureServiceIR, views: readonly FeatureViewIR[]): ScalarType[] {
  const request = new Map(service.request.map((column) => [column.name, column.type]));
  const byAlias = new Map(service.views.map((use) => [use.alias, viewOf(use, views)]));
  const unknown = (column: string): never => {
    throw new MettleError('UNKNOWN_COLUMN', `service ${service.name} has no ${column}`, { service: service.name, column });
  };
  const leaves = {
    request: (column: string) => request.get(column) ?? unknown(`request.${column}`),
    view: (alias: string, name: string) => {
      const feature = byAlias.get(alias)?.features.find((candidate) => candidate.name === name);
      return feature === undefined ? unknown(`${alias}.${name}`) : typeOfAggregate(feature.aggregate);
    },
  };
  return service.features.map(({ name, expression, category }) => {
    const type = typeOfExpression(expression, leaves);
    if (category && type !== 'string') invalid(`${service.name}.${name}: a category is a string, not ${type}`, { feature: name });
    return type;
  });
}

/** The view that a service's alias means. */
export function viewOf(use: FeatureServiceIR['views'][number], views: readonly FeatureViewIR[]): FeatureViewIR {
  const view = views.find((candidate) => candidate.name === use.view && hashOfView(candidate) === use.hash);
  return view ?? invalid(`view ${use.view} is missing from the definition, or is not the one that the service was written against`, { view: use.view });
}

/**
 * Everything that the shape alone cannot say: references, types, windows, names.
 * @throws MettleError UNKNOWN_COLUMN | INVALID_WINDOW | INVALID_DEFINITION
 */
export function checkDefinition({ service, views, sources, entities }: Definition): void {
  checkNames('source', sources.map(({ name }) => name));
  checkNames('entity', entities.map(({ name }) => name));
  sources.forEach(checkSource);
  entities.forEach(checkEntity);
  for (const view of views) {
    const source = sources.find(({ name }) => name === view.source) ?? invalid(`source ${view.source} is missing`, { source: view.source });
    const entity = entities.find(({ name }) => name === view.entity) ?? invalid(`entity ${view.entity} is missing`, { entity: view.entity });
    const same = Object.keys(entity.keys).length === Object.keys(view.keys).length && Object.entries(entity.keys).every(([key, type]) => view.keys[key] === type);
    if (!same) invalid(`${view.name}: its keys are not those of entity ${entity.name}`, { view: view.name, entity: entity.name });
    checkView(view, source);
  }
  checkNames('request column', service.request.map(({ name }) => name));
  checkNames('view', ['request', ...service.views.map(({ alias }) => alias)]);
  checkNames('feature', service.features.map(({ name }) => name));
  for (const column of service.request) checkColumn('request', column.name, column);
  const keyTypes = new Map<string, string>();
  for (const use of service.views) {
    for (const [key, type] of Object.entries(viewOf(use, views).keys)) {
      if ((keyTypes.get(key) ?? type) !== type) invalid(`key ${key} has two types`, { key });
      keyTypes.set(key, type);
    }
  }
  typesOfFeatures(service, views);
}
