import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlobStore } from '@mettle/blob-store';
import type { BlobStore } from '@mettle/blob-store';
import { DAY_US, Policy, canonicalJson, days, hashOf, hours } from '@mettle/contracts';
import type { Catalogue, PolicyInput, SegmentRef, SegmentTable } from '@mettle/contracts';
import { openDuckDB, writeParquet } from '@mettle/duckdb';
import type { Column, Db } from '@mettle/duckdb';
import { createRandom } from '@mettle/statistics';

export const ENDPOINT = 'lateness';
export const SERVICE = 'ab'.repeat(32);
export const START = 15_860 * DAY_US;
export const ORIGINS = ['EWR', 'JFK', 'LGA'] as const;

/** A scored flight: what the tests recompute in plain TypeScript. */
export interface Row {
  readonly id: string;
  readonly at: number;
  readonly origin: string;
  readonly carrier: string;
  readonly wind: number | null;
  readonly tail: string;
  readonly label: number | null;
  readonly knownAt: number;
  /** When the outcome happened; at T unless said. */
  readonly outcomeAt?: number;
  readonly champion: number | null;
  readonly candidate: number | null;
  readonly arm: 'champion' | 'challenger';
}

export interface World {
  readonly db: Db;
  readonly blobs: BlobStore;
  catalogue(watermark: number): Catalogue;
  /** Seals rows into the three tables of a day. */
  seal(rows: readonly Row[], options?: { byKeys?: boolean; corrections?: ReadonlyMap<string, { value: number; knownAt: number }> }): Promise<void>;
  close(): Promise<void>;
}

/** Rows of one instant come in one request. */
export const requestOf = (row: Row): string => `r${row.at}`;
/** µs, 100 to 196. */
export const latencyOf = (row: Row): number => 100 + (Math.floor(row.at / 1e6) % 97);

const column = (name: string, type: Column['type']): Column => ({ name, type });

export async function openWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'mettle-monitoring-'));
  const db = await openDuckDB({ tempDirectory: join(dir, 'spill') });
  const blobs = await openBlobStore(join(dir, 'blobs'));
  const segments: SegmentRef[] = [];
  let sequence = 0;
  const put = async (table: SegmentTable, name: string, columns: Column[], rows: unknown[][], times: number[]): Promise<void> => {
    if (rows.length === 0) return;
    const path = blobs.temporary();
    await writeParquet(db, { columns, rows }, path);
    const { hash, bytes } = await blobs.putFile(path);
    segments.push({ table, name, hash, bytes, rows: rows.length, range: { from: Math.min(...times), to: Math.max(...times) + 1 }, sequences: { from: 1, to: rows.length } });
  };
  return {
    db,
    blobs,
    catalogue: (watermark) => ({ v: 1, endpoint: ENDPOINT, watermark, segments: [...segments], services: { [SERVICE]: SERVICE } }),
    async seal(rows, { byKeys = false, corrections = new Map() } = {}) {
      const keysOf = (row: Row): string => canonicalJson({ origin: row.origin, tail: row.tail });
      const scored = rows.flatMap((row) =>
        (['champion', 'candidate'] as const).map((who) => {
          const version = who === 'champion' ? 'm@1' : 'm@2';
          const p = row[who];
          const served = (row.arm === 'champion') === (who === 'champion');
          return [row.id, requestOf(row), latencyOf(row), ENDPOINT, row.tail, row.arm, row.arm, row.arm, version, served, false, row.at, p, p === null ? 'failed' : null, keysOf(row), SERVICE];
        }),
      );
      await put('predictions', '', [column('prediction_id', 'VARCHAR'), column('request_id', 'VARCHAR'), column('latency_us', 'BIGINT'), column('endpoint', 'VARCHAR'), column('sticky', 'VARCHAR'), column('assigned_arm', 'VARCHAR'), column('served_arm', 'VARCHAR'), column('arm', 'VARCHAR'), column('version', 'VARCHAR'), column('served', 'BOOLEAN'), column('fallback', 'BOOLEAN'), column('at', 'BIGINT'), column('p', 'DOUBLE'), column('error', 'VARCHAR'), column('keys', 'VARCHAR'), column('service', 'VARCHAR')], scored, rows.map(({ at }) => at));
      const label = (row: Row, value: number, knownAt: number): unknown[] => [`l${row.id}`, byKeys ? null : row.id, byKeys ? ENDPOINT : null, byKeys ? keysOf(row) : null, byKeys ? row.at : null, value, row.outcomeAt ?? row.at, knownAt, (sequence += 1)];
      const labels = rows.filter((row) => row.label !== null).flatMap((row) => {
        const corrected = corrections.get(row.id);
        return [label(row, row.label ?? 0, row.knownAt), ...(corrected === undefined ? [] : [label(row, corrected.value, corrected.knownAt)])];
      });
      await put('labels', '', [column('label_id', 'VARCHAR'), column('prediction_id', 'VARCHAR'), column('endpoint', 'VARCHAR'), column('keys', 'VARCHAR'), column('at', 'BIGINT'), column('value', 'DOUBLE'), column('event_time', 'BIGINT'), column('known_at', 'BIGINT'), column('sequence', 'BIGINT')], labels, labels.map((row) => row[7] as number));
      await put('vectors', SERVICE, [column('prediction_id', 'VARCHAR'), column('at', 'BIGINT'), column('keys', 'VARCHAR'), column('request', 'VARCHAR'), column('f_wind', 'DOUBLE'), column('f_carrier', 'VARCHAR')], rows.map((row) => [row.id, row.at, keysOf(row), canonicalJson({ carrier: row.carrier }), row.wind, row.carrier]), rows.map(({ at }) => at));
    },
    async close() {
      db.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A day of flights: labels arrive 6 hours after T; a few never. The candidate's log-odds differ by noise and `worse`. */
export function flightsOf(seed: number, day: number, count: number, options: { worse?: number; wind?: number; skew?: number; late?: number } = {}): Row[] {
  const random = createRandom(seed * 1000 + day);
  return Array.from({ length: count }, (_, k): Row => {
    const at = START + day * DAY_US + Math.floor(random.next() * DAY_US);
    const logit = -1.2 + random.normal() + (options.late ?? 0);
    const label = random.next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
    const guess = (extra: number): number => 1 / (1 + Math.exp(-(logit - (options.late ?? 0) + 0.1 * random.normal() + extra)));
    const tail = `N${Math.floor(random.next() * 400)}`;
    return {
      id: hashOf([seed, day, k]),
      at,
      origin: ORIGINS[Math.floor(random.next() * 3)] ?? 'EWR',
      carrier: ['UA', 'B6', 'EV', 'DL', 'WN'][Math.floor(random.next() ** (1 + (options.skew ?? 0)) * 5)] ?? 'UA',
      wind: random.next() < 0.03 ? null : 10 + 4 * random.normal() + (options.wind ?? 0),
      tail,
      label: random.next() < 0.03 ? null : label,
      knownAt: at + hours(6),
      champion: guess(0),
      candidate: guess(options.worse ?? 0),
      arm: parseInt(hashOf(tail).slice(0, 8), 16) % 10_000 < 2000 ? 'challenger' : 'champion',
    };
  });
}

export const policyOf = (over: Partial<PolicyInput> = {}): Policy =>
  Policy.parse({
    v: 1, name: 'p', success: { metric: 'log_loss', direction: 'lower' }, refresh: { rule: 'nonInferior', margin: 0.01 }, change: { rule: 'superior' },
    guardrails: [{ metric: 'brier', margin: 0.01 }], segments: [{ column: 'origin', margin: 0.02 }], slot: { width: hours(3), pooled: true, lag: 8 },
    minSlots: 40, alpha: 0.05, tunedFor: 56, stickyKeys: ['tail'], maturation: hours(24), minCoverage: 0.8, maxCoverageGap: 0.05,
    shadow: { min: days(7), max: days(28), lookEvery: days(7), concurrent: 3 }, challenge: { share: 2000, min: days(3), max: days(7) }, bake: days(3),
    approval: { by: 'policy', notTheAuthor: false }, retrain: { onIncident: true, onConfirmedDrift: true, maxAge: null, cooldown: days(3) }, ...over,
  });
