import { type Keys, MettleError, type Value } from '@mettle/contracts';
import { z } from 'zod';

/** The Open Inference Protocol v2, REST form. */
const Tensor = z.object({
  name: z.string(),
  datatype: z.enum(['BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64', 'FP16', 'FP32', 'FP64', 'BYTES']),
  shape: z.array(z.int().min(0)).min(1).max(2),
  data: z.array(z.unknown()),
});
export const InferRequest = z.object({
  id: z.string().min(1).max(256).optional(),
  inputs: z.array(Tensor).min(1).max(256),
  outputs: z.array(z.object({ name: z.string() })).optional(),
});
export type InferRequest = z.infer<typeof InferRequest>;

/** What an endpoint needs to know of each row. */
export interface RowShape {
  readonly keys: Readonly<Record<string, 'string' | 'int64'>>;
  readonly request: readonly { readonly name: string; readonly type: string }[];
  /** On an event clock each row brings its T in the input `at`. */
  readonly clock: 'wall' | 'event';
}
export interface InferRow {
  readonly keys: Keys;
  readonly request: Record<string, Value>;
  readonly at: number;
}

/** Most rows of one request. */
export const MAX_ROWS = 10_000;
const NUMERIC = new Set(['UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64', 'FP16', 'FP32', 'FP64']);

/**
 * Turns columnar inputs into rows; inputs that the endpoint does not know are kept as keys when they are text or integers,
 * so that segments and sticky units may use them.
 * @param now T of rows on the wall clock, µs
 * @throws MettleError INVALID_INPUT | SHAPE_MISMATCH | TYPE_MISMATCH | UNKNOWN_ENTITY | UNKNOWN_COLUMN
 */
export function parseInferRequest(body: unknown, shape: RowShape, now: number): { id: string | null; rows: InferRow[]; outputs: readonly string[] | null } {
  const parsed = InferRequest.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new MettleError('INVALID_INPUT', `${issue.path.join('.')}: ${issue.message}`, { field: issue.path.join('.') });
  }
  const { id, inputs, outputs } = parsed.data;
  const count = inputs[0]!.shape[0]!;
  if (count < 1) throw new MettleError('SHAPE_MISMATCH', 'a request has at least one row', { rows: count });
  if (count > MAX_ROWS) throw new MettleError('TOO_LARGE', `a request has at most ${MAX_ROWS} rows`, { rows: count });

  const columns = new Map<string, readonly unknown[]>();
  for (const input of inputs) {
    const data: readonly unknown[] = input.shape.length === 2 ? input.data.flat() : input.data;
    const size = input.shape.reduce((a, b) => a * b, 1);
    if (input.shape[0] !== count || size !== count || data.length !== count) {
      throw new MettleError('SHAPE_MISMATCH', `input ${input.name}: shape [${input.shape.join(', ')}] with ${data.length} values; expected [${count}]`, { input: input.name, shape: input.shape, values: data.length });
    }
    if (columns.has(input.name)) throw new MettleError('INVALID_INPUT', `input ${input.name} is there twice`, { input: input.name });
    const expected = input.datatype === 'BYTES' ? 'string' : input.datatype === 'BOOL' ? 'boolean' : 'number';
    const integral = expected === 'number' && !input.datatype.startsWith('FP');
    for (let row = 0; row < count; row += 1) {
      const value = data[row];
      if (value === null) continue;
      if (typeof value !== expected || (integral && !Number.isSafeInteger(value))) {
        throw new MettleError('TYPE_MISMATCH', `input ${input.name}, row ${row}: ${typeof value} is not ${input.datatype}`, { input: input.name, row, datatype: input.datatype });
      }
    }
    columns.set(input.name, data);
  }

  for (const name of Object.keys(shape.keys)) {
    if (!columns.has(name)) throw new MettleError('UNKNOWN_ENTITY', `input ${name} is missing: it is an entity key`, { key: name });
  }
  const requestNames = new Set(shape.request.map(({ name }) => name));
  for (const { name, type } of shape.request) {
    const input = inputs.find((one) => one.name === name);
    if (input === undefined) throw new MettleError('UNKNOWN_COLUMN', `input ${name} is missing: it is a request column`, { column: name });
    const wants = type === 'string' ? input.datatype === 'BYTES' : type === 'bool' ? input.datatype === 'BOOL' : NUMERIC.has(input.datatype);
    if (!wants) throw new MettleError('TYPE_MISMATCH', `input ${name} is ${input.datatype}; the column is ${type}`, { input: name, datatype: input.datatype, type });
  }
  const times = columns.get('at');
  if (times === undefined && shape.clock === 'event') throw new MettleError('INVALID_INPUT', 'input at is missing: the endpoint lives on an event clock', { input: 'at' });

  const rows: InferRow[] = [];
  for (let row = 0; row < count; row += 1) {
    const keys: Record<string, string | number> = {};
    const request: Record<string, Value> = {};
    for (const [name, data] of columns) {
      const value = data[row] as Value;
      if (requestNames.has(name)) request[name] = value;
      if (name in shape.keys || (!requestNames.has(name) && name !== 'at')) {
        if (typeof value === 'string' || typeof value === 'number') keys[name] = value;
      }
    }
    const at = times === undefined ? now : times[row];
    if (typeof at !== 'number' || !Number.isSafeInteger(at)) throw new MettleError('TYPE_MISMATCH', `input at, row ${row}: T is an integer number of microseconds`, { input: 'at', row });
    rows.push({ keys, request, at });
  }
  return { id: id ?? null, rows, outputs: outputs?.map(({ name }) => name) ?? null };
}

/** Parameters may only be strings, numbers and booleans. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** Columnar outputs from one flat array per row and output. */
export function formatInferResponse(answer: {
  model: string;
  version: string;
  id: string;
  parameters: Parameters;
  rows: readonly Readonly<Record<string, readonly number[]>>[];
  outputs: readonly string[] | null;
}): Record<string, unknown> {
  const names = Object.keys(answer.rows[0] ?? {}).filter((name) => answer.outputs === null || answer.outputs.includes(name));
  return {
    model_name: answer.model,
    model_version: answer.version,
    id: answer.id,
    parameters: answer.parameters,
    outputs: names.map((name) => {
      const data = answer.rows.flatMap((row) => row[name]!);
      return { name, datatype: 'FP32', shape: [answer.rows.length, data.length / answer.rows.length], data };
    }),
  };
}
