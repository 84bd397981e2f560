import { createHash } from 'node:crypto';
import type { BlobStore } from '@mettle/blob-store';
import { type FeatureVector, MettleError, predictionIdOf, type RawSegment, type RouteTable, type Settings, type Value, versionKey } from '@mettle/contracts';
import type { OnlineStore } from '@mettle/feature-store';
import { formatInferResponse, type InferResponse, parseInferRequest, type Scores } from '@mettle/inference';
import { assignArm, type Headers, inSample, versionsToScore } from '@mettle/routing';
import { type BesideEntry, openPredictions, type Predictions, type ServedEntry } from './predictions.ts';
import { loadServing, releaseDropped, type ServedVersion, type Serving } from './serving.ts';
import type { Stats } from './stats.ts';

/** One endpoint of this server: its table, its models, its log. */
export interface Endpoint {
  readonly name: string;
  readonly serving: () => Serving | null;
  readonly sealedThrough: () => number | null;
  /** Pieces that the control plane has not acknowledged yet. */
  readonly sealed: () => readonly RawSegment[];
  infer(body: unknown, headers: Headers): Promise<InferResponse>;
  /** Loads a newer table, then switches to it in one step; seals when the table asks for it. */
  follow(table: RouteTable): Promise<void>;
  forget(hashes: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

type Row = ServedEntry['rows'][number];
type Scored = Row['scores'][number];
const US = 1_000;
const nowUs = (): number => performance.now() * US;

export async function openEndpoint(options: {
  name: string;
  server: string;
  folder: string;
  durability: Settings['METTLE_DURABILITY'];
  blobs: BlobStore;
  online: OnlineStore;
  stats: Stats;
  onError: (error: unknown) => void;
}): Promise<Endpoint> {
  const { name, server, blobs, online, stats } = options;
  let serving: Serving | null = null;
  let sealedThrough: number | null = null;
  let sealed: RawSegment[] = [];

  const score = (version: ServedVersion, rows: readonly { values: readonly Value[] }[]): Promise<Scores> => version.model.score(rows.map((r) => r.values));

  const vectorOf = (row: { vectors: readonly FeatureVector[] }, version: ServedVersion): number => row.vectors.findIndex((v) => v.service === version.service.hash);

  /** The arms beside the served one, by the table of the entry's epoch or, after a restart, the one at hand. */
  const scoreBeside = async (entry: ServedEntry): Promise<BesideEntry['rows']> => {
    const current = serving;
    if (current === null) return [];
    const rows: BesideEntry['rows'] = entry.rows.map(({ row }) => ({ row, vectors: [], scores: [] }));
    for (const { key, version, arm, sample } of versionsToScore(current.table)) {
      const loaded = current.versions.get(key);
      if (loaded === undefined) continue;
      const chosen = entry.rows
        .map((row, index) => ({ row, index, vector: vectorOf(row, loaded) }))
        .filter(({ row, vector }) => vector >= 0 && inSample(current.table, row.sticky, sample) && !row.scores.some((s) => s.error === null && versionKey(s.version) === key));
      if (chosen.length === 0) continue;
      const started = nowUs();
      try {
        const scores = await score(loaded, chosen.map(({ row, vector }) => row.vectors[vector]!));
        const latencyUs = Math.round((nowUs() - started) / chosen.length);
        chosen.forEach(({ index, vector }, position) => {
          rows[index]!.scores.push({ version, arm, vector, ...resultOf(scores, position), latencyUs });
        });
        stats.beside(chosen.length);
      } catch (error) {
        stats.failed(arm, chosen.length);
        for (const { index, vector } of chosen) rows[index]!.scores.push({ version, arm, vector, outputs: null, error: messageOf(error), latencyUs: 0 });
      }
    }
    return rows;
  };
  const predictions: Predictions = await openPredictions({ ...options, endpoint: name, scoreBeside });

  async function answer(current: Serving, body: unknown, headers: Headers): Promise<ServedEntry> {
    const receivedAt = Date.now() * US;
    if (current.schema === null) throw new MettleError('NO_CHAMPION', `endpoint '${name}' has no champion`, { endpoint: name });
    const request = parseInferRequest(body, current.schema, receivedAt);
    const requestId = request.id ?? crypto.randomUUID();

    // Every service is read now: later pushes may change the store before the other arms are scored.
    const vectors = current.services.map((service) => online.read(service, [...request.rows]));
    const rows: Row[] = request.rows.map((row, index) => {
      const { bucket, sticky, assigned, version } = assignArm(current.table, row.keys, headers, row.request);
      return {
        predictionId: predictionIdOf(name, requestId, index), row: index, bucket, sticky, assignedArm: assigned, servedArm: assigned, fallback: false,
        keys: { ...row.keys }, request: { ...row.request }, at: row.at, vectors: vectors.map((v) => v[index]!),
        scores: [{ version, arm: assigned, vector: 0, outputs: null, error: null, latencyUs: 0 }],
      };
    });
    const groups = new Map<string, Row[]>();
    for (const row of rows) {
      const key = versionKey(row.scores[0]!.version);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
    for (const [key, group] of groups) await serve(current, key, group, false);
    return { v: 1, kind: 'served', requestId, traceId: traceOf(headers), server, endpoint: name, epoch: current.table.epoch, receivedAt, origin: 'online', rows };
  }

  /** Scores a group with its assigned version; a challenger that fails falls back to the champion. */
  async function serve(current: Serving, key: string, group: readonly Row[], fallback: boolean): Promise<void> {
    const version = current.versions.get(key);
    const championKey = versionKey(current.table.champion!);
    const started = nowUs();
    try {
      if (version === undefined) throw new MettleError('MODEL_UNAVAILABLE', `${key} is not loaded`, { version: key });
      const index = vectorOf(group[0]!, version);
      const scores = await score(version, group.map((row) => row.vectors[index]!));
      const failure = scores.errors.find((error) => error !== null);
      if (failure !== undefined && key !== championKey) throw new MettleError('SCORING_FAILED', failure, { version: key });
      const latencyUs = Math.round((nowUs() - started) / group.length);
      group.forEach((row, position) => {
        const score: Scored = { version: version.version, arm: fallback ? 'champion' : row.assignedArm, vector: index, ...resultOf(scores, position), latencyUs };
        if (fallback) {
          row.scores.unshift(score);
          row.servedArm = 'champion';
          row.fallback = true;
        } else row.scores[0] = score;
      });
    } catch (error) {
      stats.failed(group[0]!.assignedArm, group.length);
      for (const row of group) {
        const failure = row.scores[0]!;
        row.scores[fallback ? 0 : row.scores.length - 1] = { ...failure, error: messageOf(error) };
      }
      if (fallback || key === championKey) return;
      await serve(current, championKey, group, true);
    }
  }

  function respond(entry: ServedEntry): InferResponse {
    const failed = entry.rows.find((row) => row.scores[0]!.outputs === null);
    if (failed !== undefined) throw new MettleError('SCORING_FAILED', 'the model failed', { predictionId: failed.predictionId, version: versionKey(failed.scores[0]!.version), error: failed.scores[0]!.error });
    return formatInferResponse({
      endpoint: name, id: entry.requestId, epoch: entry.epoch,
      rows: entry.rows.map((row) => ({ predictionId: row.predictionId, arm: row.servedArm, version: versionKey(row.scores[0]!.version), fallback: row.fallback, outputs: row.scores[0]!.outputs! })),
    });
  }

  return {
    name,
    serving: () => serving,
    sealedThrough: () => sealedThrough,
    sealed: () => sealed,
    async infer(body, headers) {
      const started = nowUs();
      const current = serving;
      if (current === null) throw new MettleError('MODEL_UNAVAILABLE', `endpoint '${name}' has no route yet`, { endpoint: name });
      const id = (body as { id?: unknown } | null)?.id;
      const digest = createHash('sha256').update(JSON.stringify(body)).digest('base64');
      const known = typeof id === 'string' ? predictions.find(id) : undefined;
      if (known !== undefined) {
        if (known.body !== digest) throw new MettleError('REQUEST_REUSED', `request id '${String(id)}' named another body`, { requestId: String(id) });
        return respond(known.entry);
      }
      const entry = await answer(current, body, headers);
      await predictions.append(entry, digest);
      const response = respond(entry);
      stats.served(entry.rows.length, nowUs() - started);
      return response;
    },
    async follow(table) {
      if (serving === null || table.epoch > serving.table.epoch || table.hash !== serving.table.hash) {
        const former = serving;
        const next = await loadServing(table, blobs, former);
        // Rows already answered are scored by the arms of their own table before it goes.
        if (former !== null) await predictions.settle();
        serving = next;
        if (former !== null) setTimeout(() => void releaseDropped(former, next).catch(options.onError), 5_000).unref();
      }
      if (table.sealThrough !== null && (sealedThrough === null || table.sealThrough > sealedThrough)) {
        sealed = await predictions.seal();
        sealedThrough = table.sealThrough;
      }
    },
    async forget(hashes) {
      await predictions.forget(hashes);
      sealed = sealed.filter(({ hash }) => !hashes.includes(hash));
    },
    close: () => predictions.close(),
  };
}

/** One row's outputs, or why there are none. */
function resultOf({ outputs, errors }: Scores, position: number): Pick<Scored, 'outputs' | 'error'> {
  const error = errors[position] ?? null;
  if (error !== null) return { outputs: null, error };
  return { outputs: Object.fromEntries(Object.entries(outputs).map(([name, rows]) => [name, rows[position]!])), error };
}
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);
const traceOf = (headers: Headers): string | null => {
  const parent = headers['traceparent'];
  return typeof parent === 'string' ? (parent.split('-')[1] ?? null) : null;
};
