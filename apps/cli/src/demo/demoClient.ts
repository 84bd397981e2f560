import type {
  Decision, EventInput, Incident, LabelInput, LifecycleStatus, MonitorResult, ObservationInput, Range, RouteTable, Snapshot, VersionRef, WatermarkResult,
} from '@mettle/contracts';
import { parseVersionKey } from '@mettle/contracts';
import type { ServiceDefinition } from '@mettle/feature-language';
import { createClient, isRefusal } from '@mettle/api-client';
import { request as httpRequest } from 'undici';
import { persist } from './persist.ts';

type Api = ReturnType<typeof createClient>;
type StartInput = Parameters<Api['lifecycle']['start']['mutate']>[0];
type Declaration = Parameters<Api['endpoints']['declare']['mutate']>[0];
type Schedule = Parameters<Api['batch']['score']['mutate']>[0]['schedule'];
export type Losses = Awaited<ReturnType<Api['batch']['score']['mutate']>>;
export type ServedLosses = Awaited<ReturnType<Api['batch']['servedLoss']['mutate']>>;
export type Files = Awaited<ReturnType<Api['batch']['files']['query']>>;

/** What the demo asks of the platform, through the gateway only; each call is repeated until the platform answers. */
export type DemoClient = ReturnType<typeof createDemoClient>;

/** One person's or service's token per part that is played. */
export interface Tokens {
  readonly platform: string;
  readonly approver: string;
}

export function createDemoClient(url: string, tokens: Tokens) {
  const api = createClient({ url, token: tokens.platform });
  const approver = createClient({ url, token: tokens.approver });
  const until = <T>(call: () => Promise<T>): Promise<T> => persist(call, isRefusal);
  /** A long call that a kill may cut off: the same call again returns the first result. */
  const file = async (path: string, init: { method: 'GET' | 'POST'; body?: Buffer }): Promise<Buffer> => {
    const reply = await httpRequest(`${url}${path}`, {
      method: init.method, body: init.body ?? null,
      headers: { authorization: `Bearer ${tokens.platform}`, ...(init.body === undefined ? {} : { 'content-type': 'application/octet-stream' }) },
    });
    const bytes = Buffer.from(await reply.body.arrayBuffer());
    if (reply.statusCode !== 200) throw new Error(`${path} answered ${reply.statusCode}: ${bytes.toString('utf8').slice(0, 300)}`);
    return bytes;
  };
  return {
    registerService: async (definition: ServiceDefinition) => (await until(() => api.features.registerService.mutate({ definition }))).service,
    declareEndpoint: (plan: Declaration) => until(() => api.endpoints.declare.mutate(plan)),
    /** What became known, in one call: events by source, and the labels of an endpoint. */
    push: (events: { source: string; events: EventInput[] }[], labels: { endpoint: string; labels: LabelInput[] } | null = null) => until(() => api.datasets.push.mutate({ events, labels })),
    pushObservations: (endpoint: string, observations: ObservationInput[]) => until(() => api.datasets.pushObservations.mutate({ endpoint, observations })),
    pushLabels: (endpoint: string, labels: LabelInput[]) => until(() => api.datasets.pushLabels.mutate({ endpoint, labels })),
    advance: (endpoint: string, watermark: number): Promise<WatermarkResult> => until(() => api.endpoints.advanceWatermark.mutate({ endpoint, watermark })),
    watermark: async (endpoint: string): Promise<number | null> => (await until(() => api.endpoints.list.query({}))).find((e) => e.endpoint === endpoint)?.watermark ?? null,
    startLifecycle: (spec: StartInput): Promise<LifecycleStatus> => until(() => startOnce(api, spec)),
    approve: (id: string, note: string): Promise<LifecycleStatus> => until(() => approveOnce(approver, id, note)),
    lifecycles: async (endpoint: string): Promise<LifecycleStatus[]> => (await until(() => api.lifecycle.list.query({ endpoint }))).map((l) => l.status),
    lifecycleReasons: async (id: string): Promise<string[]> => (await until(() => api.lifecycle.get.query({ id }))).reasons,
    route: (endpoint: string): Promise<RouteTable> => until(() => api.endpoints.route.query({ endpoint })),
    rollBack: (endpoint: string, note: string) => until(() => api.endpoints.rollBack.mutate({ endpoint, note, key: `exercise-${endpoint}` })),
    promote: (endpoint: string, version: string, note: string) => until(() => api.endpoints.promote.mutate({ endpoint, version: parseVersionKey(version), note, key: `restore-${version}` })),
    latestSnapshot: async (endpoint: string): Promise<Snapshot> => {
      const [latest] = await until(() => api.datasets.snapshots.query({ endpoint }));
      if (latest === undefined) throw new Error('no snapshot yet');
      return latest;
    },
    exportSnapshot: (snapshot: string) => until(() => file(`/files/snapshots/${snapshot}`, { method: 'GET' })),
    importSnapshot: async (endpoint: string, service: string, bytes: Buffer, asOf: number): Promise<string> => {
      const reply = await until(() => file(`/files/snapshots?endpoint=${endpoint}&service=${service}&asOf=${asOf}`, { method: 'POST', body: bytes }));
      return (JSON.parse(reply.toString('utf8')) as { manifest: string }).manifest;
    },
    files: (version: VersionRef): Promise<Files> => until(() => api.batch.files.query(version)),
    trainOffline: (endpoint: string, asOf: number, service: string) => until(() => api.batch.trainOffline.mutate({ endpoint, asOf, service })),
    score: (endpoint: string, watermark: number, range: Range, schedule: Schedule): Promise<Losses> => until(() => api.batch.score.mutate({ endpoint, watermark, range, schedule })),
    servedLoss: (endpoint: string, watermark: number, range: Range): Promise<ServedLosses> => until(() => api.batch.servedLoss.mutate({ endpoint, watermark, range })),
    auditLog: (endpoint: string, watermark: number, range: Range) => until(() => api.batch.audit.mutate({ endpoint, watermark, range })),
    decisions: async (endpoint: string): Promise<{ decision: Decision; reasons: string[] }[]> => until(() => api.decisions.list.query({ endpoint })),
    incidents: (endpoint: string): Promise<Incident[]> => until(() => api.incidents.list.query({ endpoint })),
    monitorResults: (endpoint: string, monitor: string): Promise<MonitorResult[]> => until(() => api.monitors.results.query({ endpoint, monitor })),
  };
}

/** A repetition of a start that went through is no error. */
async function startOnce(api: Api, spec: StartInput): Promise<LifecycleStatus> {
  try {
    return await api.lifecycle.start.mutate(spec);
  } catch (error) {
    if (!isRefusal(error, 'ALREADY_EXISTS')) throw error;
    const known = (await api.lifecycle.list.query({ endpoint: spec.endpoint })).find((l) => l.status.cause === spec.cause);
    if (known === undefined) throw error;
    return known.status;
  }
}

/** A repetition of an approval that went through is no error. */
async function approveOnce(api: Api, id: string, note: string): Promise<LifecycleStatus> {
  try {
    return await api.lifecycle.approve.mutate({ id, note });
  } catch (error) {
    if (!isRefusal(error, 'INVALID_TRANSITION')) throw error;
    return (await api.lifecycle.get.query({ id })).status;
  }
}
