import type { FastifyInstance } from 'fastify';
import { MettleError, ServerLease } from '@mettle/contracts';
import { answerControlPlane, type ControlPlane } from '@mettle/lifecycle-activities';
import { requireRole } from '../auth/guard.ts';
import type { Platform } from '../platform/platform.ts';
import { principalOf } from './principal.ts';

const POLL_MS = 20_000;

/** `3` for every endpoint, or `flights:3,rides:7`. */
function known(text: unknown): (endpoint: string) => number | null {
  if (typeof text !== 'string' || text === '') return () => null;
  const number = (part: string): number => {
    const value = Number(part);
    if (!Number.isInteger(value)) throw new MettleError('INVALID_INPUT', `'${part}' is not an integer`, { field: 'query' });
    return value;
  };
  if (!text.includes(':')) {
    const all = number(text);
    return () => all;
  }
  const each = new Map(text.split(',').map((pair) => [pair.slice(0, pair.lastIndexOf(':')), number(pair.slice(pair.lastIndexOf(':') + 1))]));
  return (endpoint) => each.get(endpoint) ?? null;
}

/** What inference servers and scaled-out lifecycle workers ask of the process that owns the logs and the route feed. */
export function internalRoutes(app: FastifyInstance, platform: Platform, plane: ControlPlane): void {
  app.addHook('preHandler', (request, _reply, done) => {
    requireRole(principalOf(request), ['platform']);
    done();
  });

  /** Long poll: the tables once one differs from `epoch` and `seal`, or 204. */
  app.get<{ Querystring: { server?: string; epoch?: string; seal?: string } }>('/internal/routes', async (request, reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { epoch, seal } = request.query;
    const tables = await platform.routes.poll({ epoch: known(epoch), sealed: known(seal) }, POLL_MS, gone.signal);
    if (tables === null) return reply.code(204).send();
    return { tables };
  });

  app.post('/internal/leases', async (request) => {
    const lease = ServerLease.safeParse(request.body);
    if (!lease.success) throw new MettleError('INVALID_INPUT', `lease: ${lease.error.issues[0]?.message ?? ''}`, { field: lease.error.issues[0]?.path.join('.') ?? '' });
    return platform.routes.hub.lease(lease.data);
  });

  app.post<{ Params: { verb: string } }>('/internal/control/:verb', (request) => answerControlPlane(plane, request.params.verb, request.body));
}
