import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { BlobStore } from '@mettle/blob-store';
import { MettleError, type RawSegment, type RouteTable, type Settings, type TimeUs } from '@mettle/contracts';
import { parseInferRequest } from '@mettle/inference';
import type { Headers } from '@mettle/routing';
import { createAnswers } from '../log/answers.ts';
import { openPredictionLog, type ServedEntry } from '../log/predictionLog.ts';
import type { Stats } from '../stats.ts';
import { answerOf, withOutputs } from './answerOf.ts';
import { createBesideWork } from './besideWork.ts';
import type { LiveStore } from './liveStore.ts';
import type { ModelPool } from './modelPool.ts';
import { scoreBeside } from './scoreBeside.ts';
import { serveRows } from './serveRows.ts';
import { loadServing, type Serving } from './serving.ts';

/** A request as it came: its JSON, the hash of its bytes, and the id and trace that headers gave. */
export interface InferCall {
  readonly json: unknown;
  readonly body: string;
  readonly headers: Headers;
}

/** One endpoint of this server: its table, its models, its log. */
export interface Endpoint {
  readonly name: string;
  readonly serving: Serving | null;
  /** Tables that requests of the log may have been served by, oldest first. */
  readonly recent: readonly RouteTable[];
  readonly sealedThrough: TimeUs | null;
  /** Pieces that the control plane has not acknowledged yet. */
  readonly sealed: readonly RawSegment[];
  /** @returns the response as JSON text. @throws MettleError */
  infer(call: InferCall): Promise<string>;
  /** Loads a table, then switches to it in one step. `keep` makes it the one to start with, before the switch. */
  follow(table: RouteTable, keep: () => void): Promise<void>;
  /** Seals the log when that was not done through `sealThrough` yet. */
  seal(sealThrough: TimeUs | null): Promise<void>;
  /** Predictions that are acknowledged and not sealed. */
  readonly unsealed: number;
  /** Seals the whole log, for the last time. @returns false when it holds what only the next start can finish */
  depart(): Promise<boolean>;
  forget(hashes: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface EndpointOptions {
  readonly name: string;
  readonly server: string;
  /** Folder of all endpoints' logs. */
  readonly folder: string;
  readonly durability: Settings['METTLE_DURABILITY'];
  readonly blobs: BlobStore;
  readonly pool: ModelPool;
  readonly store: LiveStore;
  readonly stats: Stats;
  /** Wall clock, µs. */
  readonly now: () => TimeUs;
  /** Tables of the last run. */
  readonly recent: readonly RouteTable[];
  readonly onError: (what: string, error: unknown) => void;
}

/** Rows that may wait for the other versions before requests are shed. */
const MAX_BACKLOG = 20_000;
/** Tables that are remembered for what they served. */
const RECENT_TABLES = 4;
/** Loads that may fail before the table is served without the versions that cannot be loaded. */
const PATIENCE = 5;

/** @throws MettleError CORRUPT_LOG */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { name, server, durability, blobs, pool, store, stats, now, onError } = options;
  const log = await openPredictionLog({ dir: join(options.folder, name), durability, blobs, server });
  let serving: Serving | null = null;
  let recent = [...options.recent];
  let unfinished = [...log.unfinished];
  let failures = { hash: '', count: 0 };
  let sealedThrough: TimeUs | null = null;
  let sealed: readonly RawSegment[] = [];

  const answers = createAnswers(async (requestId, sequence) => {
    const line = await log.at(sequence);
    return line?.kind === 'served' && line.requestId === requestId ? answerOf(line, serving) : null;
  });
  for (const { requestId, body, sequence } of log.found) answers.logged(requestId, body, sequence);

  const finish = async (by: Serving, entries: readonly ServedEntry[]): Promise<void> => {
    const besides = await scoreBeside(by, entries);
    await log.append(besides);
    for (const { rows } of besides) stats.beside(rows.flatMap(({ scores }) => scores));
  };
  const work = createBesideWork(finish);

  /** Scores what was served before a crash and not scored beside, each request by the table that served it. */
  const recover = async (current: Serving): Promise<void> => {
    const epochs = new Set(unfinished.map(({ epoch }) => epoch));
    for (const epoch of epochs) {
      const table = recent.find((one) => one.epoch === epoch);
      const by = table === undefined || epoch === current.table.epoch ? current : await loadServing(table, { pool, tolerant: true, onError: (error) => onError('a former version was not loaded', error) }).catch(() => current);
      try {
        await finish(by, unfinished.filter((entry) => entry.epoch === epoch));
      } finally {
        if (by !== current) by.release();
      }
      unfinished = unfinished.filter((entry) => entry.epoch !== epoch);
    }
  };

  const predict = async (current: Serving, call: InferCall, given: string | null): Promise<{ answer: string | MettleError }> => {
    const receivedAt = now();
    const { table } = current;
    const schema = current.schema(store.keys);
    if (table.paused) throw new MettleError('PAUSED', `endpoint '${name}' is paused`, { endpoint: name });
    if (schema === null) throw new MettleError('NO_CHAMPION', `endpoint '${name}' has no champion`, { endpoint: name });
    const { rows } = parseInferRequest(call.json, schema, receivedAt);
    const requestId = given ?? randomUUID();
    await log.enter();
    let handedOver = false;
    try {
      const served = await serveRows(current, store, requestId, rows, call.headers);
      const entry: ServedEntry = { v: 1, kind: 'served', requestId, traceId: traceOf(call.headers), server, endpoint: name, epoch: table.epoch, receivedAt, origin: 'online', rows: served, body: call.body };
      const sequence = await log.append([entry]);
      answers.logged(requestId, call.body, sequence);
      stats.served(served.flatMap(({ scores }) => scores), served.length);
      current.retain();
      handedOver = true;
      work.add({
        entry,
        serving: current,
        done(error) {
          // A log that cannot be written stays so: what is missing beside is scored again at the next start.
          if (error !== null) onError('the other versions were not logged', error);
          current.release();
          log.leave();
        },
      });
      return { answer: answerOf(entry, current) };
    } finally {
      if (!handedOver) log.leave();
    }
  };

  return {
    name,
    get serving() {
      return serving;
    },
    get recent() {
      return recent;
    },
    get sealedThrough() {
      return sealedThrough;
    },
    get sealed() {
      return sealed;
    },
    async infer(call) {
      const began = performance.now();
      const current = serving;
      if (current === null) throw new MettleError('MODEL_UNAVAILABLE', `endpoint '${name}' has no route yet`, { endpoint: name });
      const { id, outputs } = readHead(call);
      checkOutputs(outputs, current);
      let answering = id === null ? null : answers.find(id, call.body);
      if (answering === null) {
        if (work.backlog > MAX_BACKLOG) throw new MettleError('BUSY', 'too many rows wait for the versions beside', { backlog: work.backlog });
        current.retain();
        answering = predict(current, call, id).then(({ answer }) => answer).finally(() => current.release());
        if (id !== null) answers.begin(id, call.body, answering);
      }
      const answer = await answering;
      if (typeof answer !== 'string') throw answer;
      stats.answered((performance.now() - began) * 1000);
      return withOutputs(answer, outputs);
    },
    async follow(table, keep) {
      if (serving !== null && table.epoch <= serving.table.epoch && table.hash === serving.table.hash) return;
      if (failures.hash !== table.hash) failures = { hash: table.hash, count: 0 };
      let next: Serving;
      try {
        next = await loadServing(table, { pool, tolerant: failures.count >= PATIENCE, onError: (error) => onError('a version was not loaded', error) });
      } catch (error) {
        failures.count += 1;
        throw error;
      }
      recent = [...recent.filter(({ epoch }) => epoch !== table.epoch), table].slice(-RECENT_TABLES);
      keep();
      if (unfinished.length > 0) await recover(next);
      for (const entry of log.takeLast()) answers.restore(entry.requestId, entry.body, answerOf(entry, next));
      const former = serving;
      serving = next;
      former?.release();
    },
    async seal(sealThrough) {
      if (sealThrough === null || serving === null || (sealedThrough !== null && sealThrough <= sealedThrough)) return;
      sealed = await log.seal();
      answers.sealed();
      sealedThrough = sealThrough;
    },
    get unsealed() {
      return log.unsealed;
    },
    async depart() {
      // Both halves of a prediction are sealed together.
      if (unfinished.length > 0) return false;
      sealed = await log.seal();
      return true;
    },
    async forget(hashes) {
      if (hashes.length === 0) return;
      await log.forget(hashes);
      sealed = sealed.filter(({ hash }) => !hashes.includes(hash));
    },
    async close() {
      await log.close();
      serving?.release();
      serving = null;
    },
  };
}

/** What is needed of a request before it is checked: a retry is answered even where the table has moved on. */
function readHead({ json, headers }: InferCall): { id: string | null; outputs: string[] | null } {
  const { id: sent, outputs } = (typeof json === 'object' && json !== null ? json : {}) as { id?: unknown; outputs?: unknown };
  const id = sent ?? headers['x-request-id'] ?? '';
  if (typeof id !== 'string' || !/^[\x20-\x7e]{0,256}$/.test(id)) throw new MettleError('INVALID_INPUT', 'id is up to 256 printable ASCII characters', { field: 'id' });
  return {
    id: id === '' ? null : id,
    outputs: Array.isArray(outputs) && outputs.length > 0 ? outputs.map((output: { name?: unknown } | null) => String(output?.name)) : null,
  };
}

function checkOutputs(outputs: readonly string[] | null, { champion }: Serving): void {
  const known = champion?.loaded?.model.signature.outputs.map(({ name }) => name) ?? [];
  const unknown = outputs?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new MettleError('INVALID_INPUT', `the model has no output ${unknown.slice(0, 100)}`, { output: unknown.slice(0, 100), known });
}

/** The trace id of a W3C `traceparent` header. */
function traceOf(headers: Headers): string | null {
  const parent = headers['traceparent'];
  return typeof parent === 'string' ? (/^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(parent)?.[1] ?? null) : null;
}
