import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ERRORS} from '@mettle/contracts';
import { isMettleError } from '@mettle/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTrainers } from './trainers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mettle-trainers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const configure = (value: unknown): NodeJS.ProcessEnv => {
  const file = join(folder, 'trainers.json');
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return { METTLE_TRAINERS: file, METTLE_PYTHON: '/some/python' };
};

const codeOf = (action: () => unknown): keyof typeof ERRORS | null => {
  try {
    action();
    return null;
  } catch (error) {
    return isMettleError(error) ? error.code : null;
  }
};

describe('loadTrainers', () => {
  it('knows the shipped trainer, its lock and its source', () => {
    const trainer = loadTrainers({ METTLE_PYTHON: '/some/python' }).get('lightgbm');
    expect(trainer.command).toBe('/some/python');
    expect(trainer.environment).toMatch(/^[0-9a-f]{64}$/);
    expect(trainer.code).toMatch(/^[0-9a-f]{64}$/);
    expect(trainer.code).not.toBe(trainer.environment);
  });

  it('adds those of the file, relative to it, on the shipped Python unless they say another', () => {
    writeFileSync(join(folder, 'mine.py'), 'print(1)');
    writeFileSync(join(folder, 'mine.lock'), 'nothing==1');
    const trainers = loadTrainers(configure({ mine: { args: ['mine.py'] }, r: { command: 'Rscript', args: ['-e', '1'], lock: 'mine.lock' } }));
    expect(trainers.names).toEqual(['lightgbm', 'mine', 'r']);
    expect(trainers.get('mine')).toMatchObject({ command: '/some/python', args: ['mine.py'], cwd: folder });
    expect(trainers.get('mine').env['PYTHONPATH']).toContain(join('apps', 'trainer'));
    expect(trainers.get('r').command).toBe('Rscript');
    expect(trainers.get('mine').environment).toBe(trainers.get('lightgbm').environment);
    expect(trainers.get('r').environment).not.toBe(trainers.get('lightgbm').environment);
  });

  it('gives another code hash to another source, and none for compiled files', () => {
    mkdirSync(join(folder, 'src', '__pycache__'), { recursive: true });
    const env = configure({ mine: { args: ['-m', 'mine'], source: 'src' } });
    const codes = ['a', 'b', 'a'].map((content) => {
      writeFileSync(join(folder, 'src', 'mine.py'), content);
      writeFileSync(join(folder, 'src', '__pycache__', 'mine.pyc'), String(Math.random()));
      return loadTrainers(env).get('mine').code;
    });
    expect(codes[1]).not.toBe(codes[0]);
    expect(codes[2]).toBe(codes[0]);
  });

  it('refuses an unknown name and a file that is wrong', () => {
    expect(codeOf(() => loadTrainers({}).get('catboost'))).toBe('UNKNOWN_TRAINER');
    for (const wrong of ['{', [], { mine: { arg: [] } }, { 'not a name': {} }, { mine: { source: 'missing' } }]) {
      expect(codeOf(() => loadTrainers(configure(wrong))), JSON.stringify(wrong)).toBe('INVALID_INPUT');
    }
    expect(codeOf(() => loadTrainers({ METTLE_TRAINERS: join(folder, 'none.json') }))).toBe('INVALID_INPUT');
  });
});
