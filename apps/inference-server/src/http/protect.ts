import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isMettleError, MettleError } from '@mettle/contracts';

/** Bytes of a body. */
export const BODY_LIMIT = 16 * 1024 * 1024;
/** Requests and bytes at work at once; more are shed. A body of unknown length counts as the longest. */
const MAX_REQUESTS = 256;
const MAX_BYTES = 16 * BODY_LIMIT;
/** What a refused request may still send and have read; a connection with more to come is closed. */
const DRAIN_LIMIT = 64 * 1024;
/** How long such a connection stays, so that the client can read why: closing at once would reset it. */
const LINGER_MS = 1_000;

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]', '::1'];
export const isLoopback = (host: string): boolean => LOOPBACK.includes(host);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const nameOf = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();

/** Bytes that a request brings, as far as its head says. */
function expectedBytes({ headers }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return BODY_LIMIT;
  return Number(headers['content-length'] ?? 0);
}

export interface ProtectOptions {
  readonly tokens: readonly string[];
  /** The address that the server listens on. */
  readonly host: string;
  readonly onError: (what: string, error: unknown) => void;
}

/**
 * Decides on the head of a request, before any of its body is read: Host and Origin (a web page that rebinds its name to
 * a loopback address sends its own name), the token (health needs none), its size, and load.
 */
export function protect(app: FastifyInstance, { tokens, host, onError }: ProtectOptions): void {
  const accepted = tokens.map((token) => digest(`Bearer ${token}`));
  const authenticated = (authorization: string | undefined): boolean => {
    const sent = digest(authorization ?? '');
    // Every token is compared, so that the time says nothing about which one it was.
    return accepted.filter((token) => timingSafeEqual(token, sent)).length > 0;
  };
  let requests = 0;
  let bytes = 0;

  app.addHook('onRequest', (request, reply, done) => {
    const { headers } = request;
    if (isLoopback(host)) {
      for (const name of [headers.host ?? '', headers.origin?.replace(/^[a-z]+:\/\//i, '')]) {
        if (name !== undefined && !isLoopback(nameOf(name))) throw new MettleError('FORBIDDEN', 'this name is not served here', { host: nameOf(name).slice(0, 200) });
      }
    }
    if (request.routeOptions.config.open !== true && !authenticated(headers.authorization)) {
      throw new MettleError('UNAUTHENTICATED', 'no valid token was sent');
    }
    const size = expectedBytes(request);
    if (size > BODY_LIMIT) throw tooLarge();
    if (requests >= MAX_REQUESTS || bytes + size > MAX_BYTES) throw new MettleError('BUSY', 'too much is under way', { requests, bytes });
    requests += 1;
    bytes += size;
    reply.raw.once('close', () => {
      requests -= 1;
      bytes -= size;
    });
    done();
  });

  app.setErrorHandler((error: unknown, request, reply) => {
    const known = toMettleError(error);
    if (known.code === 'INTERNAL') onError('a request failed', error);
    return refuse(request, reply, known);
  });
  app.setNotFoundHandler((request, reply) => refuse(request, reply, new MettleError('NOT_FOUND', 'no such address')));
}

const tooLarge = (): MettleError => new MettleError('TOO_LARGE', `a body has at most ${BODY_LIMIT} bytes`, { limit: BODY_LIMIT });

/** The error as clients may see it: what is no MettleError says nothing. */
function toMettleError(error: unknown): MettleError {
  if (isMettleError(error)) return error.code === 'INTERNAL' ? internal() : error;
  const { code = '', statusCode = 500 } = error as { code?: string; statusCode?: number };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge();
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new MettleError('INVALID_INPUT', 'send application/json', { field: 'content-type' });
  if (statusCode < 500) return new MettleError('INVALID_INPUT', 'the request cannot be read', { field: 'body' });
  return internal();
}
const internal = (): MettleError => new MettleError('INTERNAL', 'internal error');

function refuse(request: FastifyRequest, reply: FastifyReply, error: MettleError): FastifyReply {
  if (!request.raw.complete && expectedBytes(request) > DRAIN_LIMIT) closeUnread(request, reply);
  if (error.status === 503) reply.header('retry-after', '1');
  return reply.status(error.status).send({ error: error.message, code: error.code, hint: error.hint, data: error.data });
}

/** Answers, reads nothing more, and closes the connection a little later. */
function closeUnread({ raw: { socket } }: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader('connection');
  // Node resumes a request that was answered unread, to throw the rest away: this comes after.
  reply.raw.once('finish', () => setImmediate(() => socket.pause()));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token. */
    open?: boolean;
  }
}
