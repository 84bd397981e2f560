import { checkEntity, checkSource } from '../definition/check-definition.ts';
import { EntityIR } from '../definition/entity-ir.ts';
import type { KeyType } from '../definition/scalar.ts';
import { SourceIR } from '../definition/source-ir.ts';
import type { Columns } from './column.ts';
import { checkShape } from '../definition/check-shape.ts';

/** A SourceIR whose keys and columns the compiler knows. */
export type Source<K extends Record<string, KeyType> = Record<string, KeyType>, C extends Columns = Columns> = Omit<SourceIR, 'keys' | 'columns'> & { keys: K; columns: C };
/** An EntityIR whose keys the compiler knows. */
export type Entity<K extends Record<string, KeyType> = Record<string, KeyType>> = Omit<EntityIR, 'keys'> & { keys: K };

/**
 * Declares a stream of events.
 * @throws MettleError INVALID_DEFINITION
 */
export function source<const K extends Record<string, KeyType>, const C extends Columns>(
  name: string,
  options: { owner: string; clock?: 'event' | 'wall'; keys: K; columns: C; description?: string },
): Source<K, C> {
  const { owner, clock = 'wall', keys, columns, description = '' } = options;
  const ir = { v: 1, kind: 'source', name, owner, description, clock, keys, columns } as const;
  checkShape(SourceIR, ir);
  checkSource(ir);
  return ir;
}

/**
 * Declares what features describe.
 * @throws MettleError INVALID_DEFINITION
 */
export function entity<const K extends Record<string, KeyType>>(name: string, options: { keys: K; owner?: string; description?: string }): Entity<K> {
  const { keys, owner = '', description = '' } = options;
  const ir = { v: 1, kind: 'entity', name, owner, description, keys } as const;
  checkShape(EntityIR, ir);
  checkEntity(ir);
  return ir;
}
