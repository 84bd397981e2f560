import type { FastifyRequest } from 'fastify';
import type { Principal } from '@mettle/contracts';

const known = new WeakMap<FastifyRequest, Principal>();

export const setPrincipal = (request: FastifyRequest, principal: Principal): void => void known.set(request, principal);
/** Who sent the request; null on public routes. */
export const principalOf = (request: FastifyRequest): Principal | null => known.get(request) ?? null;
