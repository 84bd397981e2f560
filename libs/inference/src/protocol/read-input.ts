import { MettleError } from '@mettle/contracts';
import type { ScalarType } from '@mettle/feature-language';

/** One columnar input as sent: `n` elements. */
export interface RawInput {
  readonly name: string;
  readonly datatype: string;
  readonly data: readonly unknown[];
}

const INTEGERS = ['INT64', 'INT32', 'INT16', 'INT8', 'UINT64', 'UINT32', 'UINT16', 'UINT8'];
const REALS = ['FP64', 'FP32', 'FP16'];
/** Datatypes of the protocol that may carry a type. */
const CARRIERS: Readonly<Record<ScalarType, readonly string[]>> = {
  float64: [...REALS, ...INTEGERS],
  int64: INTEGERS,
  timestamp: INTEGERS,
  bool: ['BOOL'],
  string: ['BYTES'],
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Rows of one request. */
export const MAX_ROWS = 10_000;

/**
 * The inputs of a request body, flat and of one length.
 * @throws MettleError INVALID_INPUT | SHAPE_MISMATCH | TOO_LARGE
 */
export function readInputs(body: unknown): { id: string | null; outputs: string[] | null; inputs: Map<string, RawInput>; rows: number } {
  if (!isRecord(body)) throw invalid('the body is a JSON object', 'body');
  const inputs = new Map<string, RawInput>();
  let rows = -1;
  if (!Array.isArray(body['inputs']) || body['inputs'].length === 0) throw invalid('inputs is a list of tensors', 'inputs');
  for (const sent of body['inputs'] as unknown[]) {
    const input = readInput(sent);
    if (inputs.has(input.name)) throw invalid(`input ${input.name} is given twice`, input.name);
    if (rows >= 0 && input.data.length !== rows) {
      throw new MettleError('SHAPE_MISMATCH', `input ${input.name} has ${input.data.length} rows where the others have ${rows}`, { input: input.name, rows: input.data.length, expected: rows });
    }
    rows = input.data.length;
    inputs.set(input.name, input);
  }
  return { id: readId(body['id']), outputs: readOutputs(body['outputs']), inputs, rows };
}

function readInput(sent: unknown): RawInput {
  if (!isRecord(sent)) throw invalid('an input is a JSON object', 'inputs');
  const { name, datatype, shape, data } = sent;
  if (typeof name !== 'string') throw invalid('an input has a name', 'inputs');
  if (typeof datatype !== 'string') throw invalid(`input ${name} has a datatype`, name);
  if (!Array.isArray(data)) throw invalid(`input ${name} has data, a list`, name);
  const [rows, width = 1, ...more] = Array.isArray(shape) ? (shape as unknown[]) : [];
  if (!Number.isInteger(rows) || (rows as number) < 1 || width !== 1 || more.length > 0) {
    throw new MettleError('SHAPE_MISMATCH', `input ${name} has the shape [n] or [n, 1] with n of at least 1`, { input: name, shape: JSON.stringify(shape ?? null).slice(0, 100) });
  }
  if ((rows as number) > MAX_ROWS) throw new MettleError('TOO_LARGE', `a request holds at most ${MAX_ROWS} rows`, { rows: rows as number, limit: MAX_ROWS });
  if (data.length !== rows) {
    throw new MettleError('SHAPE_MISMATCH', `input ${name} has ${data.length} elements where its shape says ${String(rows)}`, { input: name, elements: data.length, expected: rows as number });
  }
  return { name, datatype, data: data.map((value: unknown, row) => readElement(name, row, value)) };
}

/** An element, out of its row where the data is nested. Only scalars pass. */
function readElement(name: string, row: number, value: unknown): unknown {
  let scalar = value;
  if (Array.isArray(value)) {
    if (value.length !== 1) throw new MettleError('SHAPE_MISMATCH', `row ${row} of input ${name} has ${value.length} elements`, { input: name, row, elements: value.length });
    scalar = value[0];
  }
  if (typeof scalar === 'object' && scalar !== null) throw new MettleError('TYPE_MISMATCH', `row ${row} of input ${name} is no scalar`, { input: name, row });
  if (typeof scalar === 'number' && !Number.isFinite(scalar)) throw new MettleError('NOT_A_NUMBER', `row ${row} of input ${name} is ${scalar}`, { input: name, row });
  return scalar;
}

/** @throws MettleError TYPE_MISMATCH when the datatype cannot carry the type */
export function checkDatatype(input: RawInput, type: ScalarType): void {
  if (CARRIERS[type].includes(input.datatype)) return;
  throw new MettleError('TYPE_MISMATCH', `input ${input.name} is a ${type}: send ${String(CARRIERS[type][0])}, not ${input.datatype.slice(0, 40)}`, { input: input.name, type, expected: CARRIERS[type][0] ?? '' });
}

function readId(id: unknown): string | null {
  if (id === undefined || id === null || id === '') return null;
  if (typeof id !== 'string' || id.length > 256 || !/^[\x20-\x7e]+$/.test(id)) throw invalid('id is up to 256 printable ASCII characters', 'id');
  return id;
}

function readOutputs(outputs: unknown): string[] | null {
  if (outputs === undefined || outputs === null) return null;
  if (!Array.isArray(outputs) || outputs.length > 100) throw invalid('outputs is a list', 'outputs');
  if (outputs.length === 0) return null;
  return outputs.map((output: unknown) => {
    if (!isRecord(output) || typeof output['name'] !== 'string') throw invalid('an output has a name', 'outputs');
    return output['name'];
  });
}

const invalid = (message: string, field: string): MettleError => new MettleError('INVALID_INPUT', message, { field: field.slice(0, 200) });
