import { describe, expect, it } from 'vitest';
import { formatInferResponse } from './format-infer-response.ts';

const row = (predictionId: string, version: string, outputs: Record<string, number[]>) => ({ predictionId, arm: 'champion' as const, version, fallback: false, outputs });

describe('formatInferResponse', () => {
  it('puts the rows of several versions into one tensor and names each', () => {
    expect(formatInferResponse({ endpoint: 'trips', id: 'r', epoch: 4, rows: [row('a', 'm@1', { p: [0.2, 0.8] }), row('b', 'm@2', { p: [0.5, 0.5] })] })).toEqual({
      model_name: 'trips', model_version: 'm@1', id: 'r',
      parameters: { prediction_ids: 'a,b', arms: 'champion,champion', versions: 'm@1,m@2', epoch: 4, fallback: false },
      outputs: [{ name: 'p', shape: [2, 2], datatype: 'FP32', data: [0.2, 0.8, 0.5, 0.5] }],
    });
  });

  it('says null where a version has no such output', () => {
    const { outputs } = formatInferResponse({ endpoint: 'trips', id: 'r', epoch: 4, rows: [row('a', 'm@1', { p: [0.2] }), row('b', 'm@2', { q: [1, 2] })] }, () => 'FP64');
    expect(outputs).toEqual([
      { name: 'p', shape: [2, 1], datatype: 'FP64', data: [0.2, null] },
      { name: 'q', shape: [2, 2], datatype: 'FP64', data: [null, null, 1, 2] },
    ]);
  });
});
