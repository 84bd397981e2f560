import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MettleError } from '@mettle/contracts';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import type { ProcessEvent, ProcessSpec } from './managedProcess.ts';
import { readRecord, startTimeOf, writeRecord } from './processRecord.ts';
import { type Platform, supervise } from './supervisor.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'mettle-supervisor-'));

/** A stand-in that writes a file when it is ready and appends its name to `ends` when it is asked to end. */
function standIn(folder: string, name: string, body = ''): ProcessSpec {
  const ready = join(folder, `${name}.ready`);
  const script = `const fs = require('node:fs');
    const end = () => { fs.appendFileSync(${JSON.stringify(join(folder, 'ends'))}, '${name} '); process.exit(0); };
    process.once('SIGTERM', end); process.once('SIGINT', end); process.once('disconnect', end);
    setInterval(() => {}, 1000); ${body}
    fs.writeFileSync(${JSON.stringify(ready)}, '');`;
  return { name, command: process.execPath, args: ['-e', script], env: process.env, channel: true, ready: () => Promise.resolve(existsSync(ready)) };
}

const start = (folder: string, specs: readonly ProcessSpec[], extra: { onEvent?: (event: ProcessEvent) => void; signal?: AbortSignal } = {}): Promise<Platform> =>
  supervise({ folder, prepare: () => Promise.resolve(specs), ...extra });

const pidsOf = (platform: Platform): number[] => platform.processes().map((one) => one.pid ?? 0);

/** The supervisor bundled from its sources, beside this room so that its packages resolve. */
async function bundledSupervisor(): Promise<string> {
  const conditions = ['@mettle/source', 'module', 'node', 'development|production'];
  const outDir = join(import.meta.dirname, '../../out-tsc', `supervisor-${process.pid}`);
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions },
    ssr: { noExternal: [/^@mettle\//], resolve: { conditions } },
    build: { ssr: join(import.meta.dirname, '../testing/supervisor-process.ts'), outDir, emptyOutDir: true, rollupOptions: { output: { entryFileNames: 'supervisor.mjs' } } },
  });
  return join(outDir, 'supervisor.mjs');
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 1_000; tries += 1) await sleep(10);
  expect(condition()).toBe(true);
}

describe('a supervisor', () => {
  it('starts in order, each when the one before is ready, and stops in reverse', async () => {
    const folder = newFolder();
    const order: string[] = [];
    const names = ['first', 'second', 'third'];
    const specs = names.map((name, i) => {
      const spec = standIn(folder, name);
      return { ...spec, ready: async () => (expect(names.slice(0, i).every((earlier) => existsSync(join(folder, `${earlier}.ready`)))).toBe(true), spec.ready()) };
    });
    const platform = await start(folder, specs, { onEvent: (event) => event.kind === 'started' && order.push(event.name) });
    expect(order).toEqual(names);
    const pids = pidsOf(platform);
    expect(names.map((name) => readRecord(folder, name)?.pid)).toEqual(pids);
    await platform.stop();
    expect(readFileSync(join(folder, 'ends'), 'utf8')).toBe('third second first ');
    expect(pids.map(startTimeOf)).toEqual([null, null, null]);
    expect([...names, 'supervisor'].map((name) => readRecord(folder, name))).toEqual([null, null, null, null]);
  });

  it('kills what does not end when it is asked, without starting anything again', async () => {
    const folder = newFolder();
    const events: string[] = [];
    const deaf = `process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => {});`;
    const stubborn = { ...standIn(folder, 'stubborn', deaf), graceMs: 1_000 };
    const platform = await start(folder, [standIn(folder, 'quick'), stubborn], { onEvent: (event) => events.push(`${event.name} ${event.kind}`) });
    const pids = pidsOf(platform);
    const stopping = platform.stop();
    process.kill(pids[0]!, 'SIGKILL'); // dies by itself while the other one still resists
    await stopping;
    expect(pids.map(startTimeOf)).toEqual([null, null]);
    expect(events.filter((event) => event.endsWith('restarted'))).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('keeps the terminal from its processes: each leads a session of its own', async () => {
    const folder = newFolder();
    const platform = await start(folder, [standIn(folder, 'ours'), { ...standIn(folder, 'server'), channel: false }]);
    for (const pid of pidsOf(platform)) {
      const session = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[3];
      expect(session).toBe(String(pid));
    }
    await platform.stop();
  });

  it('is alone on its folder, also when two start at once', async () => {
    const folder = newFolder();
    const two = await Promise.allSettled([start(folder, [standIn(folder, 'only')]), start(folder, [standIn(folder, 'only')])]);
    const refused = two.flatMap((one) => (one.status === 'rejected' ? [(one.reason as MettleError).code] : []));
    expect(refused).toEqual(['ALREADY_RUNNING']);
    for (const one of two) if (one.status === 'fulfilled') await one.value.stop();
    await (await start(folder, [])).stop();
  });

  it('takes over from a supervisor that was killed, and from a record that was cut short', async () => {
    const folder = newFolder();
    const killed = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(killed, 'spawn');
    writeRecord(folder, 'supervisor', killed.pid!);
    await expect(start(folder, [])).rejects.toMatchObject({ code: 'ALREADY_RUNNING', data: { pid: killed.pid! } });
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    await (await start(folder, [])).stop();
    writeFileSync(join(folder, 'supervisor.json'), '{"name":"super');
    await (await start(folder, [])).stop();
  });

  it('ends what it started when a later one cannot start, and frees the folder', async () => {
    const folder = newFolder();
    const pids: number[] = [];
    const broken = { ...standIn(folder, 'broken', 'process.exit(3);'), ready: () => Promise.resolve(false) };
    const starting = start(folder, [standIn(folder, 'good'), broken], { onEvent: (event) => event.kind !== 'exited' && pids.push(event.pid) });
    await expect(starting).rejects.toMatchObject({ code: 'UNAVAILABLE', data: { process: 'broken', log: join(folder, 'broken.log') } });
    expect(pids.length).toBeGreaterThan(2);
    expect(pids.map(startTimeOf)).toEqual(pids.map(() => null));
    await (await start(folder, [])).stop();
  });

  it('gives up the start when it is interrupted', async () => {
    const folder = newFolder();
    const interrupt = new AbortController();
    const reason = new Error('Ctrl-C');
    const pids: number[] = [];
    const never = { ...standIn(folder, 'never'), ready: () => Promise.resolve(false) };
    const starting = start(folder, [standIn(folder, 'good'), never], {
      signal: interrupt.signal,
      onEvent: (event) => {
        if (event.kind !== 'exited') pids.push(event.pid);
        if (event.name === 'never') interrupt.abort(reason);
      },
    });
    await expect(starting).rejects.toBe(reason);
    expect(pids.map(startTimeOf)).toEqual([null, null]);
  });

  it.runIf(process.platform === 'linux')('takes its processes with it when it is killed, those without a channel too', async () => {
    const folder = newFolder();
    const supervisor = spawn(process.execPath, [await bundledSupervisor(), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(supervisor.stdout, 'data')) as [Buffer];
    const pids = JSON.parse(line.toString()) as number[];
    await until(() => pids.every((pid) => startTimeOf(pid) !== null));
    supervisor.kill('SIGKILL');
    await until(() => pids.every((pid) => startTimeOf(pid) === null));
  });
});
