import { initTRPC } from '@trpc/server';
import type { OpenApiMeta } from 'trpc-to-openapi';
import type { Role } from '@mettle/contracts';
import { requireRole } from '../auth/guard.ts';
import type { Context } from './context.ts';
import { mettleErrorOf, publicError, trpcErrorOf } from './errors.ts';

const t = initTRPC.context<Context>().meta<OpenApiMeta>().create({
  sse: { ping: { enabled: true, intervalMs: 5_000 }, client: { reconnectAfterInactivityMs: 15_000 } },
  errorFormatter({ shape, error, ctx, path }) {
    const mettle = mettleErrorOf(error);
    if (mettle.code === 'INTERNAL') ctx?.platform.logger.error({ err: mettle.cause ?? mettle, path }, 'a procedure failed');
    const visible = publicError(mettle);
    // No stack leaves the process.
    const { stack: _stack, ...data } = shape.data;
    return { ...shape, message: visible.message, data: { ...data, mettle: { code: visible.code, hint: visible.hint, data: visible.data } } };
  },
});

/** Errors are mapped once, here, input errors included. */
const mapped = t.procedure.use(async ({ next }) => {
  const result = await next();
  if (!result.ok) throw trpcErrorOf(result.error);
  return result;
});

/** A procedure for principals with one of the roles. There is no other way to make one: what is not allowed is denied. */
export const allow = (roles: readonly Role[]) =>
  mapped.use(({ ctx, next }) => {
    const { principal } = ctx;
    requireRole(principal, roles);
    return next({ ctx: { principal } });
  });

/** The REST form of a procedure; its first path segment is its tag. */
export const rest = (method: 'GET' | 'POST', path: `/${string}`, summary: string): OpenApiMeta => ({
  openapi: { method, path, summary, tags: [path.split('/')[1] ?? ''], protect: true },
});

export const { router, createCallerFactory } = t;
