import { describe, expect, it } from 'vitest';
import type { Value } from '@mettle/contracts';
import { codeOf } from '../testing/code-of.ts';
import { fixture } from '../testing/fixture.ts';
import { tripsDefinition, tripsFitted, tripsWideDefinition } from '../testing/trips.ts';
import { loadModel, MAX_RUN_ROWS } from './load-model.ts';

const load = (name: string) => loadModel({ bytes: fixture(name), fitted: tripsFitted, definition: tripsDefinition });
/** A vector of `trips` from the numbers that a model sees. */
const vectorOf = ([carrier, hour, distance, temp, delay, cold]: (number | null)[]): Value[] => [
  carrier === null ? null : (tripsFitted.vocabularies.carrier[carrier as number] ?? null), hour!, distance!, temp!, delay!, cold === null ? null : cold === 1,
];
const golden = JSON.parse(fixture('tree.golden.json').toString()) as { rows: (number | null)[][]; probabilities: number[][] };

describe('loadModel', () => {
  it('gives the probabilities that LightGBM gives, missing values included', async () => {
    const model = await load('tree.onnx');
    const { outputs, errors } = await model.score(golden.rows.map(vectorOf));
    expect(errors.every((error) => error === null)).toBe(true);
    expect(Object.keys(outputs)).toEqual(['probabilities']);
    for (const [row, expected] of golden.probabilities.entries()) {
      for (const [i, p] of expected.entries()) expect(Math.abs(outputs['probabilities']![row]![i]! - p)).toBeLessThan(1e-6);
    }
    await model.close();
  });

  it('gives the same bits for a row alone, in a batch, and across runs', async () => {
    const model = await load('tree.onnx');
    const vectors = golden.rows.map(vectorOf);
    const many = Array.from({ length: MAX_RUN_ROWS + 10 }, (_, i) => vectors[i % vectors.length]!);
    const batch = (await model.score(many)).outputs['probabilities']!;
    expect(batch).toHaveLength(many.length);
    for (const [row, vector] of vectors.entries()) {
      const alone = (await model.score([vector])).outputs['probabilities']![0]!;
      expect(batch[row]!.map((p, i) => Object.is(p, alone[i]))).toEqual([true, true]);
    }
    expect(batch.slice(MAX_RUN_ROWS - (MAX_RUN_ROWS % vectors.length)).slice(0, 10)).toEqual(batch.slice(0, 10));
    await model.close();
  });

  it('describes its inputs by the features of the service', async () => {
    const model = await load('tree.onnx');
    expect(model.signature.inputs.map(({ name, datatype, missing }) => `${name} ${datatype} ${missing}`)).toEqual([
      'carrier BYTES nan', 'hour INT64 nan', 'distance FP64 nan', 'temp FP64 nan', 'delay FP64 nan', 'cold BOOL nan',
    ]);
    expect(model.signature.outputs).toEqual([{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }]);
    expect(model.opset).toBe(9);
    await model.close();
  });

  it('takes an unseen category as missing', async () => {
    const model = await load('tree.onnx');
    const vector = vectorOf([0, 9, 700, 40, 10, 0]);
    const { outputs } = await model.score([['ZZ', ...vector.slice(1)], [null, ...vector.slice(1)], vector]);
    const [unseen, missing, seen] = outputs['probabilities']!;
    expect(unseen).toEqual(missing);
    expect(seen).not.toEqual(missing);
    await model.close();
  });

  it('finds out that a linear model refuses missing values, and fails only the rows that lack them', async () => {
    const model = await load('linear.onnx');
    expect(model.signature.inputs.map(({ missing }) => missing)).toEqual(Array(6).fill('refuse'));
    const { errors } = await model.score([vectorOf([0, 9, 700, 40, 10, 0]), vectorOf([0, 9, 700, null, 10, 0])]);
    expect(errors).toEqual([null, 'feature temp is missing, which the model refuses']);
    await model.close();
  });

  it('marks rows whose answer is not finite', async () => {
    const model = await load('root.onnx');
    const { errors } = await model.score([vectorOf([0, 9, 700, -4, 10, 1]), vectorOf([0, 9, 700, 4, 10, 1])]);
    expect(errors).toEqual(['output p is not finite', null]);
    await model.close();
  });

  it('computes a double model in doubles', async () => {
    const model = await load('double.onnx');
    const { outputs } = await model.score([vectorOf([0, 0, 0.1, 0, 0, 0])]);
    expect(outputs['p']).toEqual([[0.1 * 0.01]]);
    await model.close();
  });

  it('says so when the model itself fails', async () => {
    const model = await load('brittle.onnx');
    expect((await model.score([vectorOf([0, 9, 3000, 4, 10, 1])])).outputs['p']![0]![0]).toBeCloseTo(0.3);
    expect(await codeOf(() => model.score([vectorOf([0, 9, 99_000, 4, 10, 1])]))).toBe('SCORING_FAILED');
    await model.close();
  });

  it('refuses vectors of another service', async () => {
    const model = await load('tree.onnx');
    expect(await codeOf(() => model.score([[null, null]]))).toBe('SHAPE_MISMATCH');
    expect(await codeOf(() => model.score([['AA', 'noon', 1, 1, 1, true]]))).toBe('TYPE_MISMATCH');
    expect(await codeOf(() => model.score([[3, 12, 1, 1, 1, true]]))).toBe('TYPE_MISMATCH');
    await model.close();
  });

  it.each(['tree-wide.onnx', 'two-inputs.onnx', 'text-input.onnx', 'fixed-batch.onnx', 'no-width.onnx'])('refuses %s, whose input is not the service', async (name) => {
    expect(await codeOf(() => load(name))).toBe('SIGNATURE_MISMATCH');
  });

  it('refuses a model that gives no tensor of numbers, and one without the vocabulary of a category', async () => {
    expect(await codeOf(() => loadModel({ bytes: fixture('tree.onnx'), fitted: null, definition: tripsDefinition }))).toBe('SIGNATURE_MISMATCH');
    expect(await codeOf(() => loadModel({ bytes: fixture('tree.onnx'), fitted: tripsFitted, definition: tripsWideDefinition }))).toBe('SIGNATURE_MISMATCH');
    // Its int64 labels remain.
    const labels = await load('zipmap.onnx');
    expect(labels.signature.outputs.map(({ name, datatype }) => [name, datatype])).toEqual([['label', 'INT64']]);
    await labels.close();
  });

  it('refuses what the runtime cannot load', async () => {
    const bytes = Buffer.from(fixture('tree.onnx'));
    bytes.write('TreeEnsembleXlassifier', bytes.indexOf('TreeEnsembleClassifier'));
    expect(await codeOf(() => loadModel({ bytes, fitted: tripsFitted, definition: tripsDefinition }))).toBe('NOT_ONNX');
  });
});
