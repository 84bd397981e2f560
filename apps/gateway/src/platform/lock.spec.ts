import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockHome } from './lock.ts';

const lockFile = () => join(mkdtempSync(join(tmpdir(), 'mettle-lock-')), 'run', 'control.lock');

describe('the lock of METTLE_HOME', () => {
  it('is held until it is released', () => {
    const path = lockFile();
    const release = lockHome(path);
    expect((JSON.parse(readFileSync(path, 'utf8')) as { pid: number }).pid).toBe(process.pid);
    release();
    expect(existsSync(path)).toBe(false);
  });

  it('names a living holder, and is taken over from a dead one', async () => {
    const path = lockFile();
    lockHome(path)();
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    const started = readFileSync(`/proc/${other.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19];
    writeFileSync(path, JSON.stringify({ pid: other.pid, started }));
    expect(() => lockHome(path)).toThrow(expect.objectContaining({ code: 'ALREADY_RUNNING', data: { pid: other.pid, lock: path } }) as Error);
    other.kill('SIGKILL');
    await new Promise((resolve) => other.once('exit', resolve));
    lockHome(path)();
  });

  it('does not take a later process with the same pid for the holder, nor trip over a torn file', () => {
    const path = lockFile();
    lockHome(path)();
    for (const text of [JSON.stringify({ pid: process.ppid, started: '1' }), '{"pid":', '']) {
      writeFileSync(path, text);
      lockHome(path)();
    }
  });
});
