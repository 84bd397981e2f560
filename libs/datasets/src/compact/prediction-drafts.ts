import { statusDigits, versionKey, type FeatureVector, type PredictionEntry, type PredictionRow, type Scored } from '@mettle/contracts';
import type { Services } from './definitions.ts';
import { flatJson } from './flat-json.ts';
import type { Draft } from './segment-writer.ts';
import { FEATURE_COLUMN, PREDICTION_COLUMNS, VECTOR_COLUMNS } from './tables.ts';

type Served = Extract<PredictionEntry, { kind: 'served' }>;
type Beside = Extract<PredictionEntry, { kind: 'beside' }>;
type Sequences = Draft['sequences'];

/** The number `p` of a row: of two probabilities [p0, p1] the positive class's, of more the greatest, of anything else the first. */
export function scoreOf(outputs: Scored['outputs']): number | null {
  if (outputs === null) return null;
  const classes = outputs['probabilities'];
  if (classes !== undefined && classes.length > 2) return Math.max(...classes);
  const values = classes ?? Object.values(outputs)[0] ?? [];
  return values[values.length === 2 ? 1 : 0] ?? null;
}

/** The probabilities of three or more classes as a JSON array: what metrics of a multiclass task judge. */
export function probabilitiesOf(outputs: Scored['outputs']): string | null {
  const classes = outputs?.['probabilities'];
  return classes !== undefined && classes.length > 2 ? JSON.stringify(classes) : null;
}

/** Everything that was logged about one request, whichever entry it came in. The first served entry is the answer. */
type Request = { served: Served | null; again: Served[]; beside: Beside[] };

function requestsOf(entries: readonly PredictionEntry[]): Request[] {
  const requests = new Map<string, Request>();
  for (const entry of entries) {
    const key = `${entry.endpoint}\u0001${entry.requestId}`;
    let request = requests.get(key);
    if (request === undefined) requests.set(key, (request = { served: null, again: [], beside: [] }));
    if (entry.kind === 'beside') request.beside.push(entry);
    else if (request.served === null) request.served = entry;
    else if (entry.receivedAt < request.served.receivedAt || (entry.receivedAt === request.served.receivedAt && entry.server < request.served.server)) {
      request.again.push(request.served);
      request.served = entry;
    } else request.again.push(entry);
  }
  return [...requests.values()];
}

/** A score with the vector that it was computed from. */
type Answer = { readonly score: Scored; readonly vector: FeatureVector | undefined; readonly served: boolean };

/** A row's answers, one per version: what the serving entry holds, then what came beside it, then what a retry added. */
function answersOf(request: Request, main: PredictionRow): Answer[] {
  const answers = new Map<string, Answer>();
  const add = (scores: readonly Scored[], vectors: readonly FeatureVector[], servedArm: string | null): void => {
    let open = servedArm;
    for (const score of scores) {
      const served = score.arm === open;
      if (served) open = null;
      const key = versionKey(score.version);
      if (served || !answers.has(key)) answers.set(key, { score, vector: vectors[score.vector], served });
    }
  };
  add(main.scores, main.vectors, main.servedArm);
  for (const entry of request.beside) {
    for (const row of entry.rows) {
      // A beside row refers to vectors of its own, or, when it has none, to those of the served row.
      if (row.row === main.row) add(row.scores, row.vectors.length > 0 ? row.vectors : main.vectors, null);
    }
  }
  for (const entry of request.again) for (const row of entry.rows) if (row.row === main.row) add(row.scores, row.vectors, null);
  return [...answers.values()];
}

function vectorsOf(request: Request, main: PredictionRow): FeatureVector[] {
  const all = [...main.vectors];
  for (const entry of [...request.beside, ...request.again]) for (const row of entry.rows) if (row.row === main.row) all.push(...row.vectors);
  const byService = new Map<string, FeatureVector>();
  for (const vector of all) if (!byService.has(vector.service)) byService.set(vector.service, vector);
  return [...byService.values()];
}

type VectorRow = { readonly main: PredictionRow; readonly endpoint: string; readonly keys: string; readonly request: string; readonly vector: FeatureVector };

function vectorDraft(hash: string, rows: readonly VectorRow[], services: Services, sequences: Sequences): Draft {
  const { features } = services.service(hash);
  const position = rows.map(({ vector }) => vector.read.find(({ partition }) => partition === 0));
  const data: unknown[][] = [
    rows.map((r) => r.main.predictionId), rows.map((r) => r.vector.at), rows.map((r) => r.endpoint), rows.map((r) => r.keys), rows.map((r) => r.request),
    position.map((read) => read?.position ?? 0), position.map((read) => read?.generation ?? 0),
    rows.map((r) => statusDigits(r.vector.statuses)),
    ...features.map((_, index) => rows.map((r) => r.vector.values[index])),
  ];
  const columns = [...VECTOR_COLUMNS, ...features.map(({ name, type }) => ({ name: `f_${name}`, type: FEATURE_COLUMN[type] }))];
  return { table: 'vectors', name: hash, columns, data, times: data[1] as number[], sequences, orderBy: '"at", prediction_id' };
}

/**
 * The predictions table and one vectors table per service. A request that was logged twice (a retry) counts once: the
 * first entry answers. What came beside a served entry that is not in this batch has no row and is left out: servers
 * seal both together.
 */
export function predictionDrafts(entries: readonly PredictionEntry[], services: Services, sequences: Sequences): Draft[] {
  const data: unknown[][] = PREDICTION_COLUMNS.map(() => []);
  const vectors = new Map<string, VectorRow[]>();
  for (const request of requestsOf(entries)) {
    const { served } = request;
    if (served === null) continue;
    for (const row of served.rows) {
      const keys = flatJson(row.keys);
      for (const { score, vector, served: answered } of answersOf(request, row)) {
        const values = [
          row.predictionId, served.requestId, row.row, served.endpoint, served.epoch, served.server, row.bucket, row.sticky, row.assignedArm, row.servedArm, score.arm, versionKey(score.version),
          answered, row.fallback, served.receivedAt, row.at, score.latencyUs, scoreOf(score.outputs), score.error, served.origin, keys, vector?.service ?? null, probabilitiesOf(score.outputs),
        ];
        for (let i = 0; i < values.length; i += 1) data[i]!.push(values[i]);
      }
      const found = vectorsOf(request, row);
      if (found.length === 0) continue;
      const text = flatJson(row.request);
      for (const vector of found) {
        const rows = vectors.get(vector.service);
        const entry: VectorRow = { main: row, endpoint: served.endpoint, keys, request: text, vector };
        if (rows === undefined) vectors.set(vector.service, [entry]);
        else rows.push(entry);
      }
    }
  }
  const at = PREDICTION_COLUMNS.findIndex(({ name }) => name === 'at');
  return [
    { table: 'predictions', name: '', columns: PREDICTION_COLUMNS, data, times: data[at] as number[], sequences, orderBy: '"at", prediction_id, version' },
    ...[...vectors].sort(([a], [b]) => (a < b ? -1 : 1)).map(([hash, rows]) => vectorDraft(hash, rows, services, sequences)),
  ];
}
