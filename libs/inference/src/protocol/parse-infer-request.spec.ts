import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMettleError, type MettleError } from '@mettle/contracts';
import { compileService } from '@mettle/feature-language';
import { tripsDefinition, tripsWideDefinition } from '../testing/trips.ts';
import { parseInferRequest } from './parse-infer-request.ts';
import { requestSchema } from './request-schema.ts';

const narrow = compileService(tripsDefinition);
const wide = compileService(tripsWideDefinition);
const schema = requestSchema(narrow, 'event', [wide]);
const NOW = 1_000;

type Input = { name: string; datatype: string; shape: unknown; data: unknown };
const column = (name: string, datatype: string, data: unknown[]): Input => ({ name, datatype, shape: [data.length], data });
const good = (): { id?: unknown; inputs: Input[]; outputs?: unknown } => ({
  id: 'r-1',
  inputs: [
    column('origin', 'BYTES', ['JFK', 'LGA']), column('carrier', 'BYTES', ['AA', null]), column('departs', 'INT64', [7, 8]), column('distance', 'FP64', [1.5, null]), column('at', 'INT64', [5, 6]),
  ],
});
const changed = (name: string, change: Partial<Input>) => {
  const body = good();
  body.inputs = body.inputs.map((input) => (input.name === name ? { ...input, ...change } : input));
  return body;
};
const errorOf = (body: unknown, of = schema): MettleError => {
  try {
    parseInferRequest(body, of, NOW);
  } catch (error) {
    if (isMettleError(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('parseInferRequest', () => {
  it('turns columns into rows with keys, request columns and T', () => {
    expect(parseInferRequest(good(), schema, NOW)).toEqual({
      id: 'r-1', timed: true, outputs: null,
      rows: [
        { keys: { origin: 'JFK' }, request: { carrier: 'AA', departs: 7, distance: 1.5 }, at: 5 },
        { keys: { origin: 'LGA' }, request: { carrier: null, departs: 8, distance: null }, at: 6 },
      ],
    });
  });

  it('accepts [n, 1] with nested data, and keys of the other versions\' services', () => {
    const body = good();
    body.inputs.push({ name: 'plane', datatype: 'BYTES', shape: [2, 1], data: [['N1'], [null]] });
    expect(parseInferRequest(body, schema, NOW).rows.map(({ keys }) => keys)).toEqual([{ origin: 'JFK', plane: 'N1' }, { origin: 'LGA' }]);
  });

  it('takes now for T on the wall clock', () => {
    const body = good();
    body.inputs.pop();
    const { rows, timed } = parseInferRequest(body, requestSchema(narrow, 'wall'), NOW);
    expect([rows.map(({ at }) => at), timed]).toEqual([[NOW, NOW], false]);
    expect(errorOf(body).data).toEqual({ input: 'at' });
  });

  it('reads the outputs that are asked for', () => {
    expect(parseInferRequest({ ...good(), outputs: [{ name: 'p' }] }, schema, NOW).outputs).toEqual(['p']);
  });

  it.each<[string, unknown, string]>([
    ['no object', [], 'INVALID_INPUT'],
    ['no inputs', { inputs: [] }, 'INVALID_INPUT'],
    ['a shape of another length', changed('origin', { shape: [3] }), 'SHAPE_MISMATCH'],
    ['a shape of another rank', changed('origin', { shape: [1, 2] }), 'SHAPE_MISMATCH'],
    ['no shape', changed('origin', { shape: undefined }), 'SHAPE_MISMATCH'],
    ['zero rows', changed('origin', { shape: [0], data: [] }), 'SHAPE_MISMATCH'],
    ['columns of different lengths', changed('origin', { shape: [1], data: ['JFK'] }), 'SHAPE_MISMATCH'],
    ['ragged rows', changed('origin', { data: [['JFK'], ['LGA', 'EWR']] }), 'SHAPE_MISMATCH'],
    ['rows without end', changed('origin', { shape: [20_000] }), 'TOO_LARGE'],
    ['another datatype', changed('distance', { datatype: 'BYTES' }), 'TYPE_MISMATCH'],
    ['a value of another type', changed('distance', { data: ['far', 1] }), 'TYPE_MISMATCH'],
    ['an object for a value', changed('carrier', { data: [{}, 'AA'] }), 'TYPE_MISMATCH'],
    ['a fraction for an integer', changed('departs', { data: [1.5, 2] }), 'TYPE_MISMATCH'],
    ['NaN as text', changed('distance', { data: ['NaN', 1] }), 'NOT_A_NUMBER'],
    ['a number beyond doubles', changed('distance', { data: [JSON.parse('1e999') as number, 1] }), 'NOT_A_NUMBER'],
    ['an integer beyond 2^53', changed('departs', { data: [2 ** 60, 1] }), 'OUT_OF_RANGE'],
    ['T that is missing', changed('at', { data: [null, 5] }), 'TYPE_MISMATCH'],
    ['an entity without its key', changed('origin', { data: [null, 'JFK'] }), 'UNKNOWN_ENTITY'],
    ['no input for an entity', { inputs: good().inputs.slice(1) }, 'UNKNOWN_ENTITY'],
    ['no input for a column', { inputs: good().inputs.filter(({ name }) => name !== 'distance') }, 'INVALID_INPUT'],
    ['an input that nobody declares', { inputs: [...good().inputs, column('gate', 'BYTES', ['a', 'b'])] }, 'UNKNOWN_COLUMN'],
    ['an input twice', { inputs: [...good().inputs, column('origin', 'BYTES', ['a', 'b'])] }, 'INVALID_INPUT'],
    ['an id with a line break', { ...good(), id: 'a\nb' }, 'INVALID_INPUT'],
    ['inherited names', { inputs: [...good().inputs, column('__proto__', 'BYTES', ['a', 'b'])] }, 'UNKNOWN_COLUMN'],
  ])('refuses %s', (_, body, code) => {
    expect(errorOf(body).code).toBe(code);
  });

  it('says which row and input is wrong', () => {
    expect(errorOf(changed('distance', { data: [1, 'far'] })).data).toMatchObject({ column: 'distance', row: 1 });
    expect(errorOf(changed('origin', { data: ['JFK', null] })).data).toMatchObject({ key: 'origin', row: 1 });
  });

  it('throws nothing but typed errors', () => {
    const names = fc.constantFrom('origin', 'carrier', 'departs', 'distance', 'at', 'plane', 'x');
    const input = fc.record({ name: fc.oneof(names, fc.jsonValue()), datatype: fc.oneof(fc.constantFrom('BYTES', 'INT64', 'FP64', 'BOOL'), fc.jsonValue()), shape: fc.oneof(fc.tuple(fc.nat(3)), fc.jsonValue()), data: fc.oneof(fc.array(fc.jsonValue(), { maxLength: 3 }), fc.jsonValue()) }, { requiredKeys: [] });
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.record({ id: fc.jsonValue(), inputs: fc.array(input, { maxLength: 6 }), outputs: fc.jsonValue() }, { requiredKeys: ['inputs'] })), (body) => {
      try {
        parseInferRequest(body, schema, NOW);
      } catch (error) {
        return isMettleError(error);
      }
      return true;
    }), { numRuns: 2000 });
  });
});
