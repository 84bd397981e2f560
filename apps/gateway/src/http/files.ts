import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Hash, MettleError, Name } from '@mettle/contracts';
import { READERS, requireRole } from '../auth/guard.ts';
import type { Platform } from '../platform/platform.ts';
import { versionFiles } from '../platform/versionFiles.ts';
import { ModelImport, importModel } from './importModel.ts';
import { principalOf } from './principal.ts';

const MODEL_LIMIT = 512 * 1024 * 1024;
const SNAPSHOT_LIMIT = 1024 * 1024 * 1024;
const SPINE_LIMIT = 256 * 1024 * 1024;

/** What a client says of an uploaded data version; its rows say the rest. */
export const SnapshotImport = z.object({ service: z.string(), asOf: z.coerce.number().int(), endpoint: z.string().optional() });

/** Which version an uploaded spine is to be scored with: its feature service says the columns. */
const SpineImport = z.object({ endpoint: Name, model: Name, version: z.coerce.number().int().min(1) });

/** Bytes come and go by these routes; what is said of them is in the query. No path or URL of a client is opened. */
export function fileRoutes(app: FastifyInstance, platform: Platform): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/octet-stream', (_request, body, done) => done(null, body));

  app.post<{ Params: { model: string }; Body: AsyncIterable<Buffer> }>('/files/models/:model/versions', { bodyLimit: MODEL_LIMIT }, async (request, reply) => {
    const principal = principalOf(request);
    requireRole(principal, ['scientist', 'platform']);
    const input = ModelImport.parse(request.query);
    const bytes = await whole(request.body, MODEL_LIMIT);
    return reply.send(await importModel(platform, principal, request.params.model, input, bytes));
  });

  app.post<{ Body: AsyncIterable<Buffer> }>('/files/snapshots', { bodyLimit: SNAPSHOT_LIMIT }, async (request, reply) => {
    requireRole(principalOf(request), ['scientist', 'platform']);
    const { service, asOf, endpoint } = SnapshotImport.parse(request.query);
    const { compiled } = await platform.services.get(service);
    if (endpoint !== undefined) await platform.registry.endpointPlan(endpoint);
    const snapshot = await platform.snapshots.importFrom(await whole(request.body, SNAPSHOT_LIMIT), { definition: compiled.definition, asOf });
    await platform.registry.saveSnapshot(snapshot, endpoint ?? null);
    return reply.send(snapshot);
  });

  app.post<{ Body: AsyncIterable<Buffer> }>('/files/spines', { bodyLimit: SPINE_LIMIT }, async (request, reply) => {
    requireRole(principalOf(request), ['scientist', 'platform']);
    const { endpoint, ...version } = SpineImport.parse(request.query);
    await platform.registry.endpointPlan(endpoint);
    const { service } = await versionFiles(platform, version, 0);
    const { compiled } = await platform.services.get(service);
    return reply.send(await platform.snapshots.importSpine(await whole(request.body, SPINE_LIMIT), { definition: compiled.definition, endpoint }));
  });

  app.get<{ Params: { scores: string } }>('/files/scores/:scores', async (request, reply) => {
    requireRole(principalOf(request), READERS);
    const scores = Hash.parse(request.params.scores);
    const file = await platform.snapshots.scoresOf(scores);
    return reply.header('content-type', 'application/vnd.apache.parquet').header('content-disposition', `attachment; filename="${scores.slice(0, 12)}.parquet"`).send(file);
  });

  app.get<{ Params: { snapshot: string } }>('/files/snapshots/:snapshot', async (request, reply) => {
    requireRole(principalOf(request), READERS);
    const { manifest } = await platform.registry.snapshot(request.params.snapshot);
    const file = await platform.snapshots.exportOf(manifest);
    return reply.header('content-type', 'application/vnd.apache.parquet').header('content-disposition', `attachment; filename="${manifest.slice(0, 12)}.parquet"`).send(file);
  });
}

/** @throws MettleError TOO_LARGE as soon as the limit is passed */
async function whole(body: AsyncIterable<Buffer> | undefined | null, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > limit) throw new MettleError('TOO_LARGE', `a file has at most ${limit} bytes`, { limit });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

const binary = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } as const;
const described = (summary: string, extra: object) => ({ summary, tags: ['files'], security: [{ token: [] }], servers: [{ url: '/' }], ...extra });
const query = (name: string, required: boolean) => ({ name, in: 'query', required, schema: { type: 'string' } });

/** The same routes for the OpenAPI document. */
export const FILE_PATHS = {
  '/files/models/{model}/versions': {
    post: described('Import a version from the bytes of an ONNX file', {
      parameters: [{ name: 'model', in: 'path', required: true, schema: { type: 'string' } }, query('task', true), query('service', false), query('fitted', false), query('note', true)],
      requestBody: { content: binary },
      responses: { 200: { description: 'The version' } },
    }),
  },
  '/files/snapshots': {
    post: described('Import a data version from a Parquet file', { parameters: [query('service', true), query('asOf', true), query('endpoint', false)], requestBody: { content: binary }, responses: { 200: { description: 'The data version' } } }),
  },
  '/files/spines': {
    post: described('Upload moments to score, as a Parquet file: at, a column per entity key and request column of the version\'s feature service, optionally id or prediction_id', { parameters: [query('endpoint', true), query('model', true), query('version', true)], requestBody: { content: binary }, responses: { 200: { description: 'The spine: its hash, rows and range of T' } } }),
  },
  '/files/scores/{scores}': {
    get: described('Download the scores of a batch as Parquet', {
      parameters: [{ name: 'scores', in: 'path', required: true, schema: { type: 'string' } }],
      responses: { 200: { description: 'Parquet: prediction_id, at, k_<key>..., p, error, version; for three or more classes also class, probabilities', content: binary } },
    }),
  },
  '/files/snapshots/{snapshot}': {
    get: described('Download a data version as Parquet', {
      parameters: [{ name: 'snapshot', in: 'path', required: true, schema: { type: 'string' } }],
      responses: { 200: { description: 'Parquet: prediction_id, at, f_<feature>..., label', content: binary } },
    }),
  },
};
