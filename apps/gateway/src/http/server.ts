import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { MettleError } from '@mettle/contracts';
import type { ControlPlane } from '@mettle/lifecycle-activities';
import { checkOrigin, isLoopback } from '../auth/guard.ts';
import type { Platform } from '../platform/platform.ts';
import { appRouter, type AppRouter } from '../routers/app.ts';
import type { Context } from '../trpc/context.ts';
import { mettleErrorOf, publicError, trpcErrorOf } from '../trpc/errors.ts';
import { fileRoutes } from './files.ts';
import { healthRoutes } from './health.ts';
import { internalRoutes } from './internal.ts';
import { openApiRoutes } from './openapi.ts';
import { principalOf, setPrincipal } from './principal.ts';
import { restRoutes } from './rest.ts';

/** JSON bodies; files stream and have their own cap. */
const BODY_LIMIT = 16 * 1024 * 1024;
/** How long a connection stays whose request was too large to read. */
const LINGER_MS = 1_000;
/** What answers without a token; everything else is denied. */
export const PUBLIC_ROUTES: readonly string[] = ['/health/live', '/health/ready'];

export interface ServerOptions {
  /** Hears of every route as it is added. */
  readonly onRoute?: (route: { method: string; url: string }) => void;
}

/** The HTTP face of the control process, not yet listening. */
export async function createServer(platform: Platform, plane: ControlPlane, { onRoute }: ServerOptions = {}): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true, routerOptions: { maxParamLength: 5_000 }, keepAliveTimeout: 65_000 });
  if (onRoute !== undefined) app.addHook('onRoute', ({ method, url }) => [method].flat().forEach((one) => onRoute({ method: one, url })));
  const loopback = isLoopback(platform.settings.METTLE_HOST);

  // Before a body is read: where from, and who.
  app.addHook('onRequest', (request, _reply, done) => {
    if (loopback) checkOrigin(request.headers, []);
    const principal = platform.authenticate(request.headers.authorization);
    if (principal !== null) setPrincipal(request, principal);
    else if (!PUBLIC_ROUTES.includes(request.routeOptions.url ?? '')) throw new MettleError('UNAUTHENTICATED', 'no valid token was sent');
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    const mettle = mettleErrorOf(error);
    if (mettle.code === 'INTERNAL') platform.logger.error({ err: mettle.cause ?? mettle, url: request.url }, 'a request failed');
    if (mettle.code === 'TOO_LARGE' && !request.raw.complete) closeUnread(request, reply);
    void reply.code(mettle.status).send(isTrpc(request) ? trpcBody(mettle, request) : { error: publicError(mettle) });
  });
  app.setNotFoundHandler((request) => {
    throw new MettleError('NOT_FOUND', `nothing answers ${request.method} ${request.url.split('?')[0]}`);
  });

  await app.register(fastifyTRPCPlugin, {
    prefix: '/trpc',
    trpcOptions: { router: appRouter, createContext: ({ req }): Context => ({ principal: principalOf(req), platform }) },
  } satisfies FastifyTRPCPluginOptions<AppRouter>);
  await app.register((scope, _options, done) => (restRoutes(scope, platform), done()), { prefix: '/api' });
  healthRoutes(app, platform);
  openApiRoutes(app);
  await app.register((scope, _options, done) => (fileRoutes(scope, platform), done()));
  await app.register((scope, _options, done) => (internalRoutes(scope, platform, plane), done()));
  return app;
}

/** Answers, reads nothing more, and closes the connection a little later: at once would reset it before the client reads why. */
function closeUnread({ raw: { socket } }: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader('connection');
  // Node resumes a request that was answered unread, to throw the rest away: this comes after.
  reply.raw.once('finish', () => setImmediate(() => socket.pause()));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const isTrpc = (request: FastifyRequest): boolean => request.url.startsWith('/trpc/');

/** The shape that a tRPC client reads; one answer stands for a whole batch. */
function trpcBody(error: MettleError, request: FastifyRequest): object {
  const { code, message, hint, data } = publicError(error);
  return { error: { message, code: -32_001, data: { code: trpcErrorOf(error).code, httpStatus: error.status, path: request.url.slice('/trpc/'.length).split('?')[0], mettle: { code, hint, data } } } };
}
