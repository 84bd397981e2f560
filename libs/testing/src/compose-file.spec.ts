import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Settings } from '@mettle/contracts';
import { readComposeFile } from './compose-file.ts';

const root = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const VARIABLES = { METTLE_TOKEN: 'token', POSTGRES_PASSWORD: 'word', S3_SECRET: 'secret' };

describe('docker-compose.yml', () => {
  const compose = readComposeFile(VARIABLES);

  it('runs every app that is a process of its own', () => {
    expect(Object.keys(compose.apps).sort()).toEqual(['compute-worker', 'gateway', 'inference-server', 'lifecycle-worker']);
  });
  it.each(Object.entries(compose.apps))('%s runs a program that is built, with variables that it reads', (_name, { command, environment }) => {
    expect(command[0]).toBe('node');
    expect(existsSync(root(command[1]!.replace('/dist/', '/src/').replace(/\.js$/, '.ts')))).toBe(true);
    const unknown = Object.keys(environment).filter((key) => key.startsWith('METTLE_') && !(key in Settings.shape) && key !== 'METTLE_GATEWAY_URL');
    expect(unknown).toEqual([]);
    expect(Settings.safeParse(environment).success).toBe(true);
  });
  it('fills in variables, merges shared blocks, and keeps what the image sets', () => {
    expect(compose.apps['gateway']?.environment).toMatchObject({ METTLE_DATABASE_URL: 'postgres://mettle:word@postgres:5432/mettle', AWS_SECRET_ACCESS_KEY: 'secret', NODE_ENV: 'production' });
    expect(compose.apps['compute-worker']?.environment['METTLE_PYTHON']).toBe('/opt/trainer/bin/python');
    expect(compose.apps['compute-worker']?.environment['METTLE_DATABASE_URL']).toBeUndefined();
  });
  it.each(Object.keys(VARIABLES).filter((name) => name !== 'METTLE_TOKEN'))('does not start without %s', (name) => {
    expect(() => readComposeFile({ ...VARIABLES, [name]: undefined as unknown as string })).toThrow(name);
  });
  it('evicts no key of the online store', () => {
    expect(compose.command('redis')).toContain('noeviction');
  });
});

describe('the Dockerfile', () => {
  const text = readFileSync(root('Dockerfile'), 'utf8');
  it('copies what there is', () => {
    const sources = [...text.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, line]) => line!.trim().split(/\s+/).slice(0, -1));
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) expect([source, existsSync(root(source))]).toEqual([source, true]);
  });
  it('names files of the repository that are there', () => {
    for (const path of ['apps/trainer/requirements.lock', 'tools/workflow-bundle/main.mjs']) expect(existsSync(root(path))).toBe(true);
    const scripts = (JSON.parse(readFileSync(root('package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts;
    for (const [, script] of text.matchAll(/npm run (\w+)/g)) expect(scripts[script!]).toBeDefined();
    for (const config of scripts['build']!.matchAll(/tsc -b (\S+)/g)) expect(text).toContain(config[1]!);
  });
});
