import type { Datatype } from '@mettle/contracts';
import type { CompiledService, KeyType, ScalarType } from '@mettle/feature-language';

/** One input of an infer request. It may be an entity key and a request column at once. */
export interface InputSpec {
  readonly name: string;
  readonly type: ScalarType;
  readonly datatype: Datatype;
  readonly key: boolean;
  readonly column: boolean;
  /** The champion's service needs it. */
  readonly required: boolean;
}

/** What a request to an endpoint looks like. */
export interface RequestSchema {
  readonly service: CompiledService;
  /** On the `event` clock a request says its T; on the `wall` clock the default is now. */
  readonly clock: 'event' | 'wall';
  /** By name, without the reserved {@link AT}. */
  readonly inputs: ReadonlyMap<string, InputSpec>;
}

/** The reserved input: T of each row, µs. */
export const AT = 'at';

const DATATYPES: Readonly<Record<ScalarType, Datatype>> = { float64: 'FP64', int64: 'INT64', timestamp: 'INT64', bool: 'BOOL', string: 'BYTES' };

/**
 * The request of an endpoint: what the champion's service needs, and, optional, what the services of other versions would
 * use besides. `keys` are entity keys that nobody served here needs yet: when they are sent they are logged, so that a
 * later model can be trained on them.
 */
export function requestSchema(service: CompiledService, clock: 'event' | 'wall', others: readonly CompiledService[] = [], keys: Readonly<Record<string, KeyType>> = {}): RequestSchema {
  const inputs = new Map<string, InputSpec>();
  const add = (name: string, type: ScalarType, as: 'key' | 'column', required: boolean): void => {
    const known = inputs.get(name);
    // The champion's word on a type counts.
    inputs.set(name, {
      name,
      type: known?.type ?? type,
      datatype: known?.datatype ?? DATATYPES[type],
      key: known?.key === true || as === 'key',
      column: known?.column === true || as === 'column',
      required: known?.required === true || required,
    });
  };
  for (const each of [service, ...others]) {
    for (const name of each.joinKeys) add(name, each.keyTypes[name] ?? 'string', 'key', each === service);
    for (const { name, type } of each.request) add(name, type, 'column', each === service);
  }
  for (const [name, type] of Object.entries(keys)) add(name, type, 'key', false);
  inputs.delete(AT);
  return { service, clock, inputs: new Map([...inputs].sort(([a], [b]) => (a < b ? -1 : 1))) };
}
