import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTrainer } from './run-trainer.ts';
import { findPython, TRAINER_FOLDER } from './shipped.ts';
import type { TrainerSpec } from './trainer-spec.ts';
import { loadTrainers } from './trainers.ts';

/** Largest difference of a probability between the booster (float64) and the served file (float32 sums). */
const TOLERANCE = 1e-6;

let folder: string;
let spec: TrainerSpec;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mettle-lightgbm-'));
  execFileSync(findPython(process.env), ['-m', 'tests.predictions', folder], { cwd: TRAINER_FOLDER });
  const { v: _v, out: _out, ...rest } = JSON.parse(readFileSync(join(folder, 'spec.json'), 'utf8')) as TrainerSpec & { v: number; out: string };
  spec = rest;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numbers = (name: string): ArrayBuffer => new Uint8Array(readFileSync(join(folder, name))).buffer;
const trainer = () => loadTrainers().get('lightgbm');

describe('the shipped trainer', () => {
  it('writes a file that the serving runtime scores as LightGBM does', async () => {
    const heard: number[] = [];
    const output = await runTrainer({ trainer: trainer(), workdir: folder, spec, onProgress: ({ progress }) => heard.push(progress) });
    const x = new Float32Array(numbers('x.bin'));
    const expected = new Float64Array(numbers('p.bin'));
    const session = await InferenceSession.create(output.model);
    expect([session.inputNames, session.outputNames]).toEqual([['input'], ['probabilities']]);
    const { probabilities } = await session.run({ input: new Tensor('float32', x, [expected.length, spec.features.length]) });
    const scored = probabilities?.data as Float32Array;
    expect(expected.length).toBeGreaterThan(2000);
    expect(Math.max(...expected.map((p, row) => Math.abs((scored[2 * row + 1] ?? NaN) - p)))).toBeLessThanOrEqual(TOLERANCE);
    expect(output.reported.holdout['auc']).toBeGreaterThan(0.6);
    expect(Object.keys(output.fitted.vocabularies).sort()).toEqual(['carrier', 'dest']);
    expect(heard.at(-1)).toBe(1);
    await session.release();
  });

  it('refuses an unknown parameter and a snapshot without training rows by name', async () => {
    const run = (change: Partial<TrainerSpec>) => runTrainer({ trainer: trainer(), workdir: folder, spec: { ...spec, ...change } });
    await expect(run({ parameters: { output_model: '/tmp/x' } })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(run({ holdoutFrom: -1 })).rejects.toMatchObject({ code: 'NO_TRAINING_DATA' });
    await expect(run({ partitions: [join(folder, 'missing.parquet')] })).rejects.toMatchObject({ code: 'TRAINER_CRASHED' });
  });
});
