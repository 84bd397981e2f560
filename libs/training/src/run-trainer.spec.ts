import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MettleError } from '@mettle/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runTrainer, type RunTrainerOptions } from './run-trainer.ts';
import { GOOD, scriptTrainer, SPEC } from './testing/scripts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mettle-training-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (body: string, options: Partial<RunTrainerOptions> = {}) =>
  runTrainer({ trainer: scriptTrainer(folder, body), workdir: join(folder, 'work'), spec: SPEC, ...options });

async function failureOf(promise: Promise<unknown>): Promise<MettleError> {
  const error = await promise.then(() => null, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(MettleError);
  return error as MettleError;
}

/** Of every attempt, only the log remains. */
function expectOnlyLogs(): void {
  for (const attempt of readdirSync(join(folder, 'work'))) expect(readdirSync(join(folder, 'work', attempt))).toEqual(['trainer.log']);
}

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z');
  } catch {
    return false;
  }
};

describe('runTrainer', () => {
  it('returns what the trainer wrote and reported, and passes its progress on', async () => {
    const heard: number[] = [];
    const output = await run(`print('{"progress": 0.5, "message": "half"}')\nprint('{"noise": 1}')\nprint('not of the contract')\n${GOOD}`, {
      onProgress: ({ progress }) => heard.push(progress),
    });
    expect(readFileSync(output.model, 'utf8')).toBe('bytes');
    expect(output.bytes).toBe(5);
    expect(output.reported).toEqual({ training: { log_loss: 0.5 }, holdout: {} });
    expect(output.fitted.vocabularies).toEqual({});
    expect(heard).toEqual([0.5]);
    expect(readFileSync(output.log, 'utf8')).toContain('not of the contract');
  });

  it('gives each attempt a folder of its own', async () => {
    const first = await run(GOOD);
    const second = await run(GOOD);
    expect(second.folder).not.toBe(first.folder);
  });

  it('names a crash with the tail of its log, and keeps nothing else', async () => {
    const error = await failureOf(run(`write('model.onnx', 'half')\nraise ValueError('the column is odd')`));
    expect(error.code).toBe('TRAINER_CRASHED');
    expect(error.data['exit']).toBe(1);
    expect(error.data['tail']).toContain('ValueError: the column is odd');
    expect(existsSync(String(error.data['log']))).toBe(true);
    expectOnlyLogs();
  });

  it('names a death by a signal', async () => {
    const error = await failureOf(run(`os.kill(os.getpid(), 9)`));
    expect(error.code).toBe('TRAINER_CRASHED');
    expect(error.data['signal']).toBe('SIGKILL');
  });

  it('names a command that does not start', async () => {
    const trainer = { ...scriptTrainer(folder, ''), command: '/no/such/python' };
    expect((await failureOf(run('', { trainer }))).code).toBe('TRAINER_CRASHED');
    expectOnlyLogs();
  });

  it('ends a hung trainer and the processes that it started', async () => {
    const body = `import subprocess\nchild = subprocess.Popen(['sleep', '600'])\nprint(child.pid, flush=True)\ntime.sleep(600)`;
    const error = await failureOf(run(body, { silenceMs: 1500 }));
    expect(error.code).toBe('TRAINER_HUNG');
    const child = Number(error.data['tail']);
    expect(child).toBeGreaterThan(1);
    for (let tries = 0; isAlive(child) && tries < 200; tries += 1) await sleep(25);
    expect(isAlive(child)).toBe(false);
    expectOnlyLogs();
  });

  it('lets a slow trainer live as long as it says something', async () => {
    const output = await run(`for _ in range(8):\n    time.sleep(0.4); print('still here', flush=True)\n${GOOD}`, { silenceMs: 2000 });
    expect(output.bytes).toBe(5);
  });

  it('refuses a trainer that ends well without a model, or with an empty one', async () => {
    expect((await failureOf(run(`print('done')`))).code).toBe('TRAINER_NO_MODEL');
    expect((await failureOf(run(GOOD.replace("'bytes'", "''")))).code).toBe('TRAINER_NO_MODEL');
    expectOnlyLogs();
  });

  it('refuses metrics that are NaN, infinite, missing or no numbers', async () => {
    for (const written of ['NaN', 'Infinity', '1e999', 'null', '"good"']) {
      expect((await failureOf(run(GOOD.replace('0.5', written)))).code, written).toBe('TRAINER_BAD_METRICS');
    }
    expect((await failureOf(run(GOOD.replace('metrics.json', 'other.json')))).code).toBe('TRAINER_BAD_METRICS');
    expectOnlyLogs();
  });

  it('passes on the refusals that are a trainer\'s to make, and no others', async () => {
    const refuse = (code: string) => `print('{"error": "${code}", "message": "no labels"}')\nsys.exit(4)`;
    const error = await failureOf(run(refuse('NO_TRAINING_DATA')));
    expect([error.code, error.message]).toEqual(['NO_TRAINING_DATA', 'no labels']);
    expect((await failureOf(run(refuse('FORBIDDEN')))).code).toBe('TRAINER_CRASHED');
  });

  it('ends the trainer when it is cancelled, and rejects with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('no longer wanted');
    let pid = 0;
    const running = run(`print(json.dumps({'progress': 0.1, 'message': str(os.getpid())}), flush=True)\ntime.sleep(600)`, {
      signal: controller.signal,
      onProgress: ({ message }) => {
        pid = Number(message);
        controller.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    expect(isAlive(pid)).toBe(false);
    expectOnlyLogs();
    await expect(run(GOOD, { signal: controller.signal })).rejects.toBe(reason);
  });
});
