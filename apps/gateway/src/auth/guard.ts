import { MettleError, type Principal, type Role } from '@mettle/contracts';

/** Everyone who has any role may read. */
export const READERS: readonly Role[] = ['viewer', 'scientist', 'platform', 'approver'];

/** @throws MettleError UNAUTHENTICATED without a principal; FORBIDDEN without one of the roles. An admin may do all. */
export function requireRole(principal: Principal | null, roles: readonly Role[]): asserts principal is Principal {
  if (principal === null) throw new MettleError('UNAUTHENTICATED', 'no valid token was sent');
  if (principal.roles.includes('admin') || roles.some((role) => principal.roles.includes(role))) return;
  throw new MettleError('FORBIDDEN', `'${principal.id}' needs one of the roles ${roles.join(', ')}`, { principal: principal.id, roles: [...roles] });
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]', '::1'];

export const isLoopback = (host: string): boolean => LOOPBACK.includes(host);

const nameOf = (host: string): string => (host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.replace(/:\d+$/, '')).toLowerCase();

/**
 * Refuses a request whose Host or Origin is not ours: a web page that rebinds its name to a loopback address sends its
 * own name. Clients that are no browsers send no Origin.
 * @param allowed host names besides the loopback names
 * @throws MettleError FORBIDDEN
 */
export function checkOrigin(headers: { host?: string | undefined; origin?: string | undefined }, allowed: readonly string[]): void {
  const known = (name: string): boolean => isLoopback(name) || allowed.includes(name);
  if (headers.host !== undefined && !known(nameOf(headers.host))) {
    throw new MettleError('FORBIDDEN', `host '${nameOf(headers.host)}' is not served here`, { host: nameOf(headers.host) });
  }
  if (headers.origin === undefined) return;
  let origin: string;
  try {
    origin = new URL(headers.origin).hostname.toLowerCase();
  } catch {
    origin = headers.origin;
  }
  if (!known(origin)) throw new MettleError('FORBIDDEN', `origin '${origin}' may not call`, { origin });
}
