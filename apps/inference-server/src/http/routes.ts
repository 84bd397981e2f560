import type { FastifyInstance } from 'fastify';
import { MettleError } from '@mettle/contracts';
import { AT } from '@mettle/inference';
import type { LiveStore } from '../serving/liveStore.ts';
import type { Endpoint } from '../serving/endpoint.ts';
import type { Serving } from '../serving/serving.ts';
import type { Stats } from '../stats.ts';
import type { Body } from './body.ts';

export interface RoutesOptions {
  /** null until the tables of the last run are loaded. */
  readonly endpoints: () => ReadonlyMap<string, Endpoint> | null;
  readonly store: LiveStore;
  readonly stats: Stats;
}

type Named = { Params: { name: string; version?: string } };

/** Whether an endpoint can answer. */
const ready = ({ serving }: Endpoint): boolean => serving !== null && serving.champion !== null && !serving.table.paused;

/** The Open Inference Protocol v2. The model's name is the endpoint; its versions are `model@n`. */
export function routes(app: FastifyInstance, { endpoints, store, stats }: RoutesOptions): void {
  const find = ({ name, version }: Named['Params']): Endpoint => {
    const endpoint = endpoints()?.get(name);
    if (endpoint === undefined) throw new MettleError('UNKNOWN_ENDPOINT', `no endpoint '${name.slice(0, 128)}' is served here: it has no champion yet, or was never declared`, { endpoint: name.slice(0, 128) });
    const champion = endpoint.serving?.champion;
    if (version !== undefined && champion?.key !== version && String(champion?.version.version) !== version) {
      throw new MettleError('UNKNOWN_VERSION', `'${version.slice(0, 128)}' is not the champion: the route decides what serves`, { endpoint: name, version: version.slice(0, 128), champion: champion?.key ?? null });
    }
    return endpoint;
  };

  app.get('/v2', () => ({ name: 'mettle-inference', version: '0.1.0', extensions: [] }));
  app.get('/v2/health/live', { config: { open: true } }, () => ({ live: true }));
  app.get('/v2/health/ready', { config: { open: true } }, (_request, reply) => {
    const all = [...(endpoints()?.values() ?? [])];
    // An endpoint without a champion, or paused, is no reason to take the server out of rotation.
    const up = endpoints() !== null && all.every(({ serving }) => serving !== null && (serving.services.length === 0 || store.open));
    return reply.status(up ? 200 : 503).send({ ready: up, endpoints: all.length });
  });
  app.get('/v2/stats', () => ({
    ...stats.read(),
    endpoints: Object.fromEntries([...(endpoints() ?? [])].map(([name, { serving, sealedThrough, sealed }]) => [name, { epoch: serving?.table.epoch ?? null, sealedThrough, unacknowledged: sealed.length }])),
  }));
  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    app.get<Named>(path, ({ params }) => metadata(params.name, find(params).serving, store));
    app.get<Named>(`${path}/ready`, ({ params }, reply) => {
      const up = ready(find(params));
      return reply.status(up ? 200 : 503).send({ name: params.name, ready: up });
    });
    app.post<Named & { Body?: Body }>(`${path}/infer`, async ({ params, body, headers }, reply) => {
      const endpoint = find(params);
      if (body === undefined) throw new MettleError('INVALID_INPUT', 'the request has no body', { field: 'body' });
      return reply.type('application/json; charset=utf-8').send(await endpoint.infer({ json: body.json, body: body.hash, headers }));
    });
  }
}

function metadata(name: string, serving: Serving | null, store: LiveStore): Record<string, unknown> {
  const schema = serving?.schema(store.keys);
  return {
    name,
    versions: serving?.champion == null ? [] : [serving.champion.key, ...serving.versions.filter(({ role }) => role === 'challenger').map(({ key }) => key)],
    platform: 'onnx',
    inputs: schema == null ? [] : [
      ...[...schema.inputs.values()].map(({ name: input, datatype, required }) => ({ name: input, datatype, shape: [-1], parameters: { required } })),
      { name: AT, datatype: 'INT64', shape: [-1], parameters: { required: schema.clock === 'event' } },
    ],
    outputs: serving?.champion?.loaded?.model.signature.outputs ?? [],
  };
}
