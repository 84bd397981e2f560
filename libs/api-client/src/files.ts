import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { MettleError, type ErrorCode, type ErrorData, type Fitted, type Hash, type ModelVersionView, type Snapshot, type Spine, type Task, type TimeUs, type VersionRef } from '@mettle/contracts';
import type { Dispatcher } from 'undici';

export type Bytes = Uint8Array | { readonly path: string };

export interface Files {
  /** Registers a version from the bytes of an ONNX file. @throws MettleError as the gateway says */
  importModel(model: string, file: Bytes, about: { readonly task: Task; readonly service?: string; readonly fitted?: Fitted; readonly note: string }): Promise<ModelVersionView>;
  /** Registers a data version from a Parquet file: prediction_id, at, f_<feature>..., label. */
  importSnapshot(file: Bytes, about: { readonly service: string; readonly asOf: TimeUs; readonly endpoint?: string }): Promise<Snapshot>;
  /** The Parquet file of a data version, as a stream. */
  exportSnapshot(snapshot: Hash): Promise<Readable>;
  /** Uploads moments to score with a version: Parquet with at, a column per entity key and request column, optionally id or prediction_id. */
  importSpine(file: Bytes, about: { readonly endpoint: string; readonly version: VersionRef }): Promise<Spine>;
  /** The Parquet file of a batch's scores, as a stream. */
  exportScores(scores: Hash): Promise<Readable>;
}

export function createFiles(base: string, headers: Readonly<Record<string, string>>, dispatcher: Dispatcher): Files {
  const call = async (method: 'GET' | 'POST', path: string, query: Record<string, string | undefined>, file?: Bytes): Promise<Dispatcher.ResponseData> => {
    const url = new URL(base + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const body = file === undefined ? null : 'path' in file ? await reading(file.path) : Buffer.from(file.buffer, file.byteOffset, file.byteLength);
    const reply = await dispatcher.request({
      origin: url.origin, path: url.pathname + url.search, method, body,
      headers: { ...headers, ...(file === undefined ? {} : { 'content-type': 'application/octet-stream' }) },
    });
    if (reply.statusCode >= 300) throw errorIn(await reply.body.text(), reply.statusCode);
    return reply;
  };
  return {
    importModel: async (model, file, { task, service, fitted, note }) =>
      (await (await call('POST', `/files/models/${encodeURIComponent(model)}/versions`, { task, service, note, fitted: fitted && JSON.stringify(fitted) }, file)).body.json()) as ModelVersionView,
    importSnapshot: async (file, { service, asOf, endpoint }) => (await (await call('POST', '/files/snapshots', { service, asOf: String(asOf), endpoint }, file)).body.json()) as Snapshot,
    exportSnapshot: async (snapshot) => (await call('GET', `/files/snapshots/${snapshot}`, {})).body as unknown as Readable,
    importSpine: async (file, { endpoint, version }) => (await (await call('POST', '/files/spines', { endpoint, model: version.model, version: String(version.version) }, file)).body.json()) as Spine,
    exportScores: async (scores) => (await call('GET', `/files/scores/${scores}`, {})).body as unknown as Readable,
  };
}

async function reading(path: string): Promise<Readable> {
  try {
    return (await open(path)).createReadStream();
  } catch (cause) {
    throw new MettleError('INVALID_INPUT', `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { file: path }, { cause });
  }
}

function errorIn(text: string, status: number): MettleError {
  try {
    const { error } = JSON.parse(text) as { error: { code: ErrorCode; message: string; data: ErrorData } };
    return new MettleError(error.code, error.message, error.data);
  } catch {
    return new MettleError('INTERNAL', `the gateway answered ${status}`, { status });
  }
}
