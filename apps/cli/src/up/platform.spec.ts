import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { manage, type ProcessEvent } from './managedProcess.ts';
import { checkPorts } from './ports.ts';
import { endOrphans, readRecord, startTimeOf, writeRecord } from './processRecord.ts';
import { checkExposure, readSettings } from './settings.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'mettle-up-'));
const stayAlive = 'setInterval(() => {}, 1000)';
const spec = (name: string, script: string) => ({
  name, command: process.execPath, args: ['-e', script], env: process.env, ready: () => Promise.resolve(true), channel: false,
});

describe('a managed process', () => {
  it('is started again after kill -9, and only after its exit', async () => {
    const events: ProcessEvent[] = [];
    const managed = await manage(spec('worker', stayAlive), folder(), (event) => events.push(event));
    const first = managed.pid();
    expect(managed.kill()).toBe(true);
    while (managed.restarts() === 0 || managed.pid() === null) await sleep(10);
    expect(managed.pid()).not.toBe(first);
    expect(events.map((e) => e.kind)).toEqual(['started', 'exited', 'restarted']);
    await managed.stop();
    expect(managed.pid()).toBeNull();
    await sleep(300);
    expect(managed.pid()).toBeNull();
  });

  it('that never becomes ready names its log', async () => {
    const failing = { ...spec('broken', 'console.error("no luck"); process.exit(3)'), ready: () => Promise.resolve(false) };
    const where = folder();
    writeFileSync(join(where, 'broken.log'), 'error OLD: of an earlier run\n');
    await expect(manage(failing, where, () => undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: `broken does not start (no luck): see ${join(where, 'broken.log')}`, data: { process: 'broken' } });
    expect(readFileSync(join(where, 'broken.log'), 'utf8')).toContain('no luck');
  });
});

describe('orphans of an earlier run', () => {
  it('are ended by pid and start time; a stranger with a recycled pid is left alone', async () => {
    const where = folder();
    const orphan = spawn(process.execPath, ['-e', stayAlive]);
    const stranger = spawn(process.execPath, ['-e', stayAlive]);
    await Promise.all([once(orphan, 'spawn'), once(stranger, 'spawn')]);
    writeRecord(where, 'orphan', orphan.pid!);
    writeFileSync(join(where, 'stranger.json'), JSON.stringify({ name: 'stranger', pid: stranger.pid, startedAt: '1' }));
    const gone = once(orphan, 'exit');
    expect(await endOrphans(where, 'supervisor')).toEqual(['orphan']);
    await gone;
    expect(startTimeOf(stranger.pid!)).not.toBeNull();
    expect(readRecord(where, 'orphan')).toBeNull();
    stranger.kill('SIGKILL');
  });
});

describe('before anything starts', () => {
  it('a port in use is named with its setting and its holder', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expect(checkPorts([{ host: '127.0.0.1', port, setting: 'METTLE_GATEWAY_PORT' }])).rejects.toMatchObject({ code: 'PORT_IN_USE', data: { port, setting: 'METTLE_GATEWAY_PORT', holder: expect.stringContaining(String(process.pid)) as string } });
    server.close();
  });

  it('one port for two settings is refused', async () => {
    await expect(checkPorts([{ host: '127.0.0.1', port: 65_001, setting: 'A' }, { host: '127.0.0.1', port: 65_001, setting: 'B' }])).rejects.toMatchObject({ code: 'PORT_IN_USE', message: expect.stringContaining('B and A') as string });
  });

  it('a host off loopback needs a configured token', () => {
    expect(() => checkExposure(readSettings({ METTLE_HOST: '0.0.0.0' }))).toThrow(/METTLE_TOKEN_FILE/);
    expect(() => checkExposure(readSettings({ METTLE_HOST: '0.0.0.0', METTLE_TOKEN_FILE: '/run/token' }))).not.toThrow();
    expect(() => checkExposure(readSettings({}))).not.toThrow();
  });

  it('a setting that makes no sense is named, with what it was', () => {
    expect(() => readSettings({ METTLE_GATEWAY_PORT: 'eighty' })).toThrow(/METTLE_GATEWAY_PORT='eighty'/);
  });
});
