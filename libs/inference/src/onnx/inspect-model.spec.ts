import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMettleError } from '@mettle/contracts';
import { codeOf } from '../testing/code-of.ts';
import { fixture } from '../testing/fixture.ts';
import { inspectModel } from './inspect-model.ts';

describe('inspectModel', () => {
  it('reads opset, domains, inputs and outputs of a LightGBM model', () => {
    expect(inspectModel(fixture('tree.onnx'))).toEqual({
      irVersion: 4,
      opset: 9,
      domains: ['', 'ai.onnx.ml'],
      inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 6] }],
      outputs: [{ name: 'label', datatype: 'INT64', shape: [1] }, { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
    });
  });

  it('shows an output that is no tensor as such', () => {
    expect(inspectModel(fixture('zipmap.onnx')).outputs.map(({ name, datatype }) => [name, datatype])).toEqual([['label', 'INT64'], ['probabilities', null]]);
  });

  it('accepts functions that the model defines by standard operators', () => {
    expect(inspectModel(fixture('function.onnx')).domains).toEqual(['', 'local.fn']);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('hello, I am a model')],
    ['a pickle', Buffer.from('gASVDAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOULg==', 'base64')],
    ['zeros', Buffer.alloc(64)],
    ['half a model', fixture('tree.onnx').subarray(0, 6000)],
    ['operators of an unknown domain', fixture('custom-domain.onnx')],
  ])('refuses %s', async (_, bytes) => {
    expect(await codeOf(() => inspectModel(bytes))).toBe('NOT_ONNX');
  });

  it('refuses external data, also in a branch of a branch', async () => {
    expect(await codeOf(() => inspectModel(fixture('external.onnx')))).toBe('EXTERNAL_DATA');
    expect(await codeOf(() => inspectModel(fixture('external-in-branch.onnx')))).toBe('EXTERNAL_DATA');
  });

  it('refuses a message nested a thousand deep without deep recursion', async () => {
    let bytes: Buffer = Buffer.alloc(0);
    const wrap = (field: number, inner: Buffer): Buffer => {
      const length: number[] = [];
      for (let n = inner.length; ; n >>>= 7) {
        if (n < 128) { length.push(n); break; }
        length.push((n & 127) | 128);
      }
      return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), inner]);
    };
    for (let i = 0; i < 1000; i += 1) bytes = wrap(1, wrap(5, wrap(6, bytes)));
    expect(await codeOf(() => inspectModel(wrap(7, bytes)))).toBe('NOT_ONNX');
  });

  it('answers any damage with a typed error or a description', () => {
    const good = fixture('external-in-branch.onnx');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), fc.nat(good.length), (edits, length) => {
        const bytes = Buffer.from(good.subarray(0, length));
        for (const [at, value] of edits) if (at < length) bytes[at] = value;
        try {
          return inspectModel(bytes).outputs.length > 0;
        } catch (error) {
          return isMettleError(error);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
