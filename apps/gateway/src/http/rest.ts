import type { FastifyInstance } from 'fastify';
import { ZodBoolean, ZodDefault, ZodNullable, ZodNumber, ZodObject, ZodOptional } from 'zod';
import type { OpenApiMeta } from 'trpc-to-openapi';
import type { Platform } from '../platform/platform.ts';
import { appRouter } from '../routers/app.ts';
import { createCallerFactory } from '../trpc/init.ts';
import { principalOf } from './principal.ts';

interface Described {
  readonly _def: { readonly meta?: OpenApiMeta; readonly inputs: readonly unknown[] };
}
type Caller = Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
type Params = Record<string, string | undefined>;

const callerOf = createCallerFactory(appRouter);

/**
 * The procedures as plain REST, one route each, by the same metadata as the OpenAPI document. (The library's own handler
 * makes the shared schemas lenient in place at its first request.)
 */
export function restRoutes(scope: FastifyInstance, platform: Platform): void {
  scope.removeContentTypeParser('text/plain');
  for (const [name, procedure] of Object.entries(appRouter._def.procedures as unknown as Record<string, Described>)) {
    const route = procedure._def.meta?.openapi;
    if (route === undefined) continue;
    const [room = '', verb = ''] = name.split('.');
    const schema = procedure._def.inputs[0];
    scope.route({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      handler: async (request, reply) => {
        const caller = callerOf({ principal: principalOf(request), platform }) as unknown as Caller;
        const body = request.method === 'GET' ? fromText(request.query as Params, schema) : (request.body as object | undefined);
        const result = await caller[room]![verb]!({ ...body, ...fromText(request.params as Params, schema) });
        // `null` is an answer too.
        return reply.type('application/json').send(JSON.stringify(result ?? null));
      },
    });
  }
}

/** Numbers and booleans of a query or a path are text: each becomes what its schema says, or stays text and is refused. */
function fromText(params: Params, schema: unknown): Record<string, unknown> {
  const shape = schema instanceof ZodObject ? (schema.shape as Record<string, unknown>) : {};
  return Object.fromEntries(Object.entries(params).map(([name, text]) => {
    const type = plain(shape[name]);
    if (type instanceof ZodNumber && text !== undefined && text.trim() !== '' && Number.isFinite(Number(text))) return [name, Number(text)];
    if (type instanceof ZodBoolean && (text === 'true' || text === 'false')) return [name, text === 'true'];
    return [name, text];
  }));
}

function plain(type: unknown): unknown {
  return type instanceof ZodOptional || type instanceof ZodDefault || type instanceof ZodNullable ? plain(type.unwrap()) : type;
}
