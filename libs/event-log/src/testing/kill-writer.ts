import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { build } from 'vite';
import { openBlobStore } from '@mettle/blob-store';
import type { EventRecord } from '@mettle/contracts';
import { openEventLog, readPiece } from '../index.ts';
import { collect } from './collect.ts';

const conditions = ['@mettle/source', 'module', 'node', 'development|production'];

/** Bundles the child from source, beside this room so that its packages resolve. */
async function bundle(): Promise<string> {
  const outDir = join(import.meta.dirname, '../../out-tsc', `writer-${process.pid}`);
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions },
    ssr: { noExternal: [/^@mettle\//], resolve: { conditions } },
    build: { ssr: join(import.meta.dirname, 'writer-process.ts'), outDir, emptyOutDir: true, rollupOptions: { output: { entryFileNames: 'writer.mjs' } } },
  });
  return join(outDir, 'writer.mjs');
}

/**
 * Kills a writer with SIGKILL `times` times at moments drawn from a seeded sequence. After each kill nothing that was
 * acknowledged is missing, nothing is there twice, sequences have no gap, and corrections are whole.
 */
export async function killWriter(times: number, seed: number): Promise<void> {
  const script = await bundle();
  try {
    await killRepeatedly(script, times, seed);
  } finally {
    await rm(dirname(script), { recursive: true, force: true });
  }
}

async function killRepeatedly(script: string, times: number, seed: number): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'mettle-kill-'));
  const acknowledged = new Map<string, 'pushed' | 'corrected'>();
  const sealed = new Map<string, [number, number]>();
  let state = seed;
  const random = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;

  for (let round = 1; round <= times; round += 1) {
    const child = spawn(process.execPath, [script, dir, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    const ready = new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (part: Buffer) => {
        text += part.toString('utf8');
        if (text.includes('ready')) resolve();
      });
      child.once('exit', () => reject(new Error('the writer ended by itself')));
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await ready;
    await new Promise((resolve) => setTimeout(resolve, 20 + random() * 120));
    child.kill('SIGKILL');
    await ended;
    for (const line of text.slice(0, text.lastIndexOf('\n')).split('\n')) {
      const [kind, a, b, c] = line.split(' ');
      if (kind === 's') sealed.set(a!, [Number(b), Number(c)]);
      else if (kind === 'a' || kind === 'c') for (let i = 0; i < Number(b); i += 1) acknowledged.set(`e${Number(a) + i}`, kind === 'a' ? 'pushed' : 'corrected');
    }

    const blobs = openBlobStore(join(dir, 'blobs'));
    const log = await openEventLog({ dir: join(dir, 'events'), durability: 'process', blobs, sources: [] });
    for (const raw of await log.seal()) sealed.set(raw.hash, [raw.sequences.from, raw.sequences.to]);
    const { last } = log;
    expect(await collect(log.replay(last + 1))).toEqual([]);
    await log.close();

    let next = 1;
    const revisions = new Map<string, number>();
    for (const [hash, [from, to]] of [...sealed].sort(([, a], [, b]) => a[0] - b[0])) {
      expect(from).toBe(next);
      for (const { sequence, eventId, op, revision } of readPiece<EventRecord>(await blobs.get(hash))) {
        expect(sequence).toBe(next);
        next += 1;
        // assert r0 -> retract r0 -> assert r1: anything else is a doubled or half-written event.
        const before = revisions.get(eventId);
        if (op === 'assert') expect([eventId, before ?? 'new']).toEqual([eventId, revision === 0 ? 'new' : -revision]);
        else expect([eventId, before]).toEqual([eventId, revision]);
        revisions.set(eventId, op === 'assert' ? revision : -(revision + 1));
      }
      expect(next).toBe(to + 1);
    }
    expect(next - 1).toBe(last);
    for (const [eventId, what] of acknowledged) expect([eventId, (revisions.get(eventId) ?? -1) >= (what === 'corrected' ? 1 : 0)]).toEqual([eventId, true]);
    for (const [eventId, revision] of revisions) expect([eventId, revision >= 0]).toEqual([eventId, true]);
  }
  expect(acknowledged.size).toBeGreaterThan(times * 10);
}
