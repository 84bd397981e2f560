import type { FastifyInstance } from 'fastify';
import { generateOpenApiDocument } from 'trpc-to-openapi';
import { appRouter } from '../routers/app.ts';
import { FILE_PATHS } from './files.ts';

/** The REST form of every procedure, from the procedures themselves. */
export function openApiDocument(): ReturnType<typeof generateOpenApiDocument> {
  const document = generateOpenApiDocument(appRouter, {
    title: 'Mettle',
    description: 'Owns a model from training to production and back.',
    version: '0.1.0',
    baseUrl: '/api',
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
  });
  return { ...document, paths: { ...document.paths, ...FILE_PATHS } };
}

export function openApiRoutes(app: FastifyInstance): void {
  let document: object | undefined;
  app.get('/openapi.json', () => (document ??= openApiDocument()));
}
