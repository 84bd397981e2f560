import type { FastifyInstance } from 'fastify';
import type { Platform } from '../platform/platform.ts';

/** `live`: the process answers. `ready`: it can take pushes and answer reads. `/health`, with a token: each dependency. */
export function healthRoutes(app: FastifyInstance, { dependencies }: Pick<Platform, 'dependencies'>): void {
  app.get('/health/live', () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const ready = await dependencies.ready();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
  });
  app.get('/health', async (_request, reply) => {
    const health = await dependencies.check();
    return reply.code(health.ready ? 200 : 503).send({ status: health.ready ? 'ready' : 'not ready', ...health });
  });
}
