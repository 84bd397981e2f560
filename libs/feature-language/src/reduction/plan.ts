import type { Keys, Value } from '@mettle/contracts';
import type { ColumnRef, FeatureViewIR } from '../definition/feature-view-ir.ts';
import { checkValue, quantise, unitsOf } from './quantise.ts';
import { divide } from './exact.ts';
import type { RawCell } from './pieces.ts';

/** One aggregate with its columns as indexes. `column` is -1 for a count. */
export interface PlannedFeature {
  readonly op: 'latest' | 'count' | 'sum' | 'mean';
  readonly column: number;
  readonly window: number;
  readonly hop: number;
  /** Units per 1 of the input. */
  readonly units: number;
}

/** What both forms of a view's reducers need, worked out once. */
export interface ViewPlan {
  readonly inputs: readonly ColumnRef[];
  readonly features: readonly PlannedFeature[];
  /** Indexes into `inputs` of the columns that are summed. */
  readonly summed: readonly number[];
  readonly hops: readonly number[];
  readonly hasLatest: boolean;
  readonly longest: number;
  readonly ttl: number | null;
  toCells(read: (column: string, index: number) => Value | undefined): RawCell[];
  /** A cell as `latest` gives it. */
  fromCell(column: number, cell: RawCell): Value;
}

function cellOf(input: ColumnRef, value: Value | undefined): RawCell {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'number') return value as RawCell;
  if (input.scale !== undefined) return quantise(value, input.scale);
  checkValue(input.column, { type: input.type }, value);
  return value === 0 ? 0 : value;
}

export function planView(view: FeatureViewIR): ViewPlan {
  const inputs: ColumnRef[] = [];
  const indexOf = (input: ColumnRef): number => {
    const found = inputs.findIndex(({ column }) => column === input.column);
    return found >= 0 ? found : inputs.push(input) - 1;
  };
  const features = view.features.map(({ aggregate }): PlannedFeature => {
    const column = aggregate.op === 'count' ? -1 : indexOf(aggregate.input);
    const units = aggregate.op === 'count' ? 1 : unitsOf(aggregate.input.scale ?? 0);
    return aggregate.op === 'latest' ? { op: 'latest', column, window: 0, hop: 0, units } : { op: aggregate.op, column, window: aggregate.window, hop: aggregate.hop, units };
  });
  const windowed = features.filter(({ op }) => op !== 'latest');
  return {
    inputs,
    features,
    summed: [...new Set(windowed.filter(({ op }) => op !== 'count').map(({ column }) => column))].sort((a, b) => a - b),
    hops: [...new Set(windowed.map(({ hop }) => hop))].sort((a, b) => a - b),
    hasLatest: features.some(({ op }) => op === 'latest'),
    longest: Math.max(0, ...windowed.map(({ window }) => window)),
    ttl: view.ttl,
    toCells: (read) => inputs.map((input, index) => cellOf(input, read(input.column, index))),
    fromCell: (column, cell) => {
      const scale = inputs[column]?.scale;
      return scale !== undefined && typeof cell === 'number' ? cell / unitsOf(scale) : cell;
    },
  };
}

/** What a window gives from its exact sums. */
export function finish(feature: PlannedFeature, events: number, values: number, high: number, low: number): number | null {
  if (feature.op === 'count') return events;
  if (values === 0) return null;
  return divide(high, low, feature.units, feature.op === 'mean' ? values : 1);
}

/** `keyOf` of a view: the JSON of the key values in the order of their names. */
export function entityText(names: readonly string[], keys: Keys): string | null {
  let text = '';
  for (const name of names) {
    const value = keys[name];
    if (value === undefined || value === null) return null;
    text += `${text === '' ? '[' : ','}${JSON.stringify(value)}`;
  }
  return `${text}]`;
}
