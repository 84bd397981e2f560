import { MettleError, isMettleError, type Keys, type TimeUs, type Value } from '@mettle/contracts';
import { checkDatatype, readInputs, type RawInput } from './read-input.ts';
import { AT, type InputSpec, type RequestSchema } from './request-schema.ts';

/** One row to answer. */
export interface InferRow {
  readonly keys: Keys;
  readonly request: Readonly<Record<string, Value>>;
  readonly at: TimeUs;
}

export interface InferRequest {
  /** null: the server makes one. */
  readonly id: string | null;
  readonly rows: readonly InferRow[];
  /** T was not sent: it is `now`. */
  readonly timed: boolean;
  /** Outputs that the client asked for; null: all. */
  readonly outputs: readonly string[] | null;
}

/**
 * An Open Inference Protocol v2 request as rows. Every value is checked against the champion's service.
 * @param body parsed JSON
 * @param now T on the wall clock, unless the request says it
 * @throws MettleError INVALID_INPUT | SHAPE_MISMATCH | TYPE_MISMATCH | NOT_A_NUMBER | OUT_OF_RANGE | UNKNOWN_ENTITY | UNKNOWN_COLUMN | TOO_LARGE
 */
export function parseInferRequest(body: unknown, schema: RequestSchema, now: TimeUs): InferRequest {
  const { id, outputs, inputs, rows: count } = readInputs(body);
  const given: { spec: InputSpec; input: RawInput }[] = [];
  for (const spec of schema.inputs.values()) {
    const input = inputs.get(spec.name);
    if (input === undefined) {
      if (spec.required) throw missing(spec, schema);
      continue;
    }
    checkDatatype(input, spec.type);
    given.push({ spec, input });
  }
  const at = inputs.get(AT);
  for (const name of inputs.keys()) {
    if (name !== AT && !schema.inputs.has(name)) {
      throw new MettleError('UNKNOWN_COLUMN', `service ${schema.service.name} takes no input ${name.slice(0, 200)}`, { input: name.slice(0, 200), known: [...schema.inputs.keys()] });
    }
  }
  if (at === undefined && schema.clock === 'event') throw new MettleError('INVALID_INPUT', `on the event clock a request says T of each row: input ${AT}, INT64 µs`, { input: AT });
  if (at !== undefined) checkDatatype(at, 'timestamp');

  const rows: InferRow[] = [];
  for (let row = 0; row < count; row += 1) {
    const keys: Record<string, string | number> = {};
    const request: Record<string, Value> = {};
    for (const { spec, input } of given) {
      const value = input.data[row] as Value;
      if (spec.column) request[spec.name] = value;
      if (spec.key && (value !== null || spec.required)) keys[spec.name] = value as string | number;
    }
    check(schema, keys, request, row);
    rows.push({ keys, request, at: at === undefined ? now : timeOf(at, row) });
  }
  return { id, rows, timed: at !== undefined, outputs };
}

function check(schema: RequestSchema, keys: Keys, request: Readonly<Record<string, Value>>, row: number): void {
  try {
    schema.service.checkRequest(keys, request);
  } catch (error) {
    if (!isMettleError(error)) throw error;
    const name = error.data['column'] ?? error.data['key'];
    const value = typeof name === 'string' ? (request[name] ?? keys[name]) : undefined;
    const code = error.code === 'TYPE_MISMATCH' && typeof value === 'string' && /^[-+]?(nan|inf(inity)?)$/i.test(value) ? 'NOT_A_NUMBER' : error.code;
    throw new MettleError(code, `row ${row}: ${error.message}`, { ...error.data, row });
  }
}

function timeOf(at: RawInput, row: number): TimeUs {
  const value = at.data[row];
  if (typeof value !== 'number') throw new MettleError('TYPE_MISMATCH', `row ${row}: ${AT} is integer µs since 1970, not ${value === null ? 'null' : typeof value}`, { input: AT, row });
  if (!Number.isSafeInteger(value)) throw new MettleError('OUT_OF_RANGE', `row ${row}: ${AT} is integer µs within 2^53`, { input: AT, row });
  return value;
}

function missing(spec: InputSpec, schema: RequestSchema): MettleError {
  if (spec.key) return new MettleError('UNKNOWN_ENTITY', `input ${spec.name} is missing: service ${schema.service.name} joins on it`, { input: spec.name, keys: [...schema.service.joinKeys] });
  return new MettleError('INVALID_INPUT', `input ${spec.name} is missing (null stands for a missing value)`, { input: spec.name, datatype: spec.datatype });
}
