import type { ServiceDefinition } from '@mettle/feature-language';

type Expression = ServiceDefinition['service']['features'][number]['expression'];

/** Where a feature comes from, and who owns that. */
export interface Origin {
  readonly kind: 'source' | 'feature';
  readonly name: string;
  readonly owner: string;
}

function viewsIn(expression: Expression, found: Set<string> = new Set()): Set<string> {
  if (expression.op === 'view') found.add(expression.view);
  if ('args' in expression) for (const arg of expression.args) viewsIn(arg, found);
  return found;
}

/**
 * The origin of a feature: the source of the first view that it reads with that source's owner (or the view's), or the
 * service itself for what comes with the request.
 */
export function originOf(definition: ServiceDefinition, feature: string): Origin {
  const found = definition.service.features.find(({ name }) => name === feature);
  const alias = found === undefined ? undefined : [...viewsIn(found.expression)][0];
  const use = definition.service.views.find((one) => one.alias === alias);
  const view = use === undefined ? undefined : definition.views.find(({ name }) => name === use.view);
  if (view === undefined) return { kind: 'feature', name: feature, owner: definition.service.owner };
  const source = definition.sources.find(({ name }) => name === view.source);
  return { kind: 'source', name: view.source, owner: source?.owner || view.owner };
}
