import { MettleError } from '@mettle/contracts';
import { sqlName } from '@mettle/duckdb';
import type { CompiledService, ScalarType } from '@mettle/feature-language';

/** One column of an uploaded spine: what of a row it says, and how it is read. */
export interface SpineColumn {
  readonly name: string;
  readonly key: boolean;
  readonly request: boolean;
  /** A SELECT item in the form in which a request carries the value. */
  readonly sql: string;
}

const INTEGERS = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER'];
const TIMES = ['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE'];
const CARRIERS: Readonly<Record<ScalarType, readonly string[]>> = {
  float64: ['DOUBLE', 'FLOAT', ...INTEGERS], int64: INTEGERS, timestamp: [...INTEGERS, ...TIMES], bool: ['BOOLEAN'], string: ['VARCHAR'],
};
const ENGINE: Readonly<Record<ScalarType, string>> = { float64: 'DOUBLE', int64: 'BIGINT', timestamp: 'BIGINT', bool: 'BOOLEAN', string: 'VARCHAR' };

/** T of a row, and the two ways in which a client may name it. */
const AT = 'at';
const IDS = ['prediction_id', 'id'] as const;

/**
 * The columns of a spine for a service, from those of its file: `at`, every entity key, every request column, at most one id.
 * @throws MettleError UNKNOWN_COLUMN | UNKNOWN_ENTITY | INVALID_INPUT for one that is missing | TYPE_MISMATCH; all name the column
 */
export function spineColumns(service: CompiledService, found: readonly { readonly column_name: string; readonly column_type: string }[]): { at: string; id: (typeof IDS)[number] | null; columns: SpineColumn[] } {
  const types = new Map(found.map(({ column_name: name, column_type: type }) => [name, type]));
  const wanted = new Map<string, { type: ScalarType; key: boolean; request: boolean }>();
  for (const { name, type } of service.request) wanted.set(name, { type, key: false, request: true });
  for (const name of service.joinKeys) wanted.set(name, { type: wanted.get(name)?.type ?? service.keyTypes[name] ?? 'string', key: true, request: wanted.has(name) });
  wanted.delete(AT);

  const read = (name: string, type: ScalarType): string => {
    const is = types.get(name) ?? '';
    if (!CARRIERS[type].includes(is)) throw new MettleError('TYPE_MISMATCH', `column ${name} is ${is}: a ${type} is ${CARRIERS[type].join(' or ')}`, { column: name, type: is, expected: ENGINE[type] });
    return TIMES.includes(is) ? `epoch_us(${sqlName(name)})::BIGINT` : `${sqlName(name)}::${ENGINE[type]}`;
  };
  for (const [name, { key }] of [[AT, { key: false }] as const, ...wanted]) {
    if (types.has(name)) continue;
    if (key) throw new MettleError('UNKNOWN_ENTITY', `column ${name} is missing: service ${service.name} joins on it`, { column: name, keys: [...service.joinKeys] });
    throw new MettleError('INVALID_INPUT', `column ${name} is missing${name === AT ? ': T of each row, BIGINT µs or a timestamp' : ' (null stands for a missing value)'}`, { column: name });
  }
  const ids = IDS.filter((name) => types.has(name) && !wanted.has(name));
  for (const name of types.keys()) {
    if (name !== AT && !wanted.has(name) && !ids.some((id) => id === name)) throw new MettleError('UNKNOWN_COLUMN', `service ${service.name} takes no column ${name.slice(0, 200)}`, { column: name.slice(0, 200), known: [AT, ...wanted.keys(), ...IDS] });
  }
  if (ids.length > 1) throw new MettleError('INVALID_INPUT', `a spine names its rows by prediction_id or by id, not by both`, { column: 'id' });
  for (const id of ids) read(id, 'string');
  return { at: read(AT, 'timestamp'), id: ids[0] ?? null, columns: [...wanted].map(([name, { type, key, request }]) => ({ name, key, request, sql: read(name, type) })) };
}
