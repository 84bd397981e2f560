import { z } from 'zod';
import { ERRORS, MettleError, type ErrorCode, type ErrorData, type Hash, type RawSegment, type RouteTable, type TimeUs } from '@mettle/contracts';
import type { RouteHub } from './routeHub.ts';

/** An append log as far as a step of the clock needs it. */
export interface SealableLog {
  /** Pieces that were not forgotten yet, the last one just rotated. */
  seal(): Promise<RawSegment[]>;
  forget(hashes: readonly Hash[]): Promise<unknown>;
}

/** What only the process with the logs and the route feed can do. Every verb may be repeated. */
export interface ControlPlane {
  /** Seals this process's logs and every server's through T. @returns pieces that are not known to be registered */
  seal(endpoint: string, sealThrough: TimeUs): Promise<RawSegment[]>;
  /** The pieces are registered: their files may go. */
  forget(hashes: readonly Hash[]): Promise<void>;
  publish(table: RouteTable): Promise<void>;
  /** @returns live servers */
  awaitEpoch(endpoint: string, epoch: number): Promise<number>;
}

/** Below the longest that an activity waits before it fails and is tried again, so that an operator sees whom it waits for. */
const SEAL_LIMIT_MS = 20_000;
const EPOCH_LIMIT_MS = 10_000;

export function createControlPlane({ hub, logs }: { readonly hub: RouteHub; readonly logs: readonly SealableLog[] }): ControlPlane {
  return {
    async seal(endpoint, sealThrough) {
      hub.requestSeal(endpoint, sealThrough);
      const [own] = await Promise.all([Promise.all(logs.map((log) => log.seal())), hub.awaitSealed(endpoint, sealThrough, SEAL_LIMIT_MS)]);
      return [...own.flat(), ...hub.pending(endpoint)];
    },
    async forget(hashes) {
      await hub.acknowledge(hashes);
      await Promise.all(logs.map((log) => log.forget(hashes)));
    },
    publish: (table) => Promise.resolve(hub.publish(table)),
    awaitEpoch: (endpoint, epoch) => hub.awaitEpoch(endpoint, epoch, EPOCH_LIMIT_MS),
  };
}

const VERBS = ['seal', 'forget', 'publish', 'awaitEpoch'] as const satisfies readonly (keyof ControlPlane)[];
type Verb = (typeof VERBS)[number];

/** Answers what {@link remoteControlPlane} asks; a gateway mounts it at `POST /internal/control/:verb` behind its token. */
export async function answerControlPlane(plane: ControlPlane, verb: string, args: unknown): Promise<unknown> {
  if (!VERBS.includes(verb as Verb) || !Array.isArray(args)) throw new MettleError('NOT_FOUND', `no verb '${verb}'`, { verb });
  const answer = await (plane[verb as Verb] as (...all: unknown[]) => Promise<unknown>)(...args);
  return { answer: answer ?? null };
}

/** What says something of the gateway or of this worker's token, not of what was asked. */
const NOT_MINE: ReadonlySet<string> = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'INTERNAL']);
const Refusal = z.object({ error: z.object({ code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]), message: z.string(), data: z.record(z.string(), z.unknown()).default({}) }) });

/** The typed error in a gateway's answer, or null. */
function refusalIn(text: string): MettleError | null {
  try {
    const { code, message, data } = Refusal.parse(JSON.parse(text)).error;
    return new MettleError(code, message, data as ErrorData);
  } catch {
    return null;
  }
}

/** The control plane of a gateway in another process: for lifecycle workers that are scaled out. */
export function remoteControlPlane(url: string, token: string): ControlPlane {
  const ask = async <T>(verb: Verb, ...args: unknown[]): Promise<T> => {
    const away = (reason: string): MettleError => new MettleError('UNAVAILABLE', `the gateway at ${url} does not ${verb}: ${reason}`, { gateway: url, verb });
    const response = await fetch(`${url}/internal/control/${verb}`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify(args) }).catch((error: unknown) => {
      throw away(error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error));
    });
    const text = await response.text();
    if (response.ok) return (JSON.parse(text) as { answer: T }).answer;
    const refusal = refusalIn(text);
    // A token that it does not know may be known after its next start: nothing that waits for it has failed.
    throw refusal === null || NOT_MINE.has(refusal.code) ? away(`it answered ${response.status}${refusal === null ? '' : ` (${refusal.code})`}`) : refusal;
  };
  return {
    seal: (endpoint, sealThrough) => ask('seal', endpoint, sealThrough),
    forget: (hashes) => ask('forget', hashes),
    publish: (table) => ask('publish', table),
    awaitEpoch: (endpoint, epoch) => ask('awaitEpoch', endpoint, epoch),
  };
}
