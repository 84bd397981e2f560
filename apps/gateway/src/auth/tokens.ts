import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MettleError, Principal } from '@mettle/contracts';

/** The file that maps tokens to principals, each with its roles. */
export const TokensFile = z.object({
  v: z.literal(1),
  tokens: z.array(z.object({ token: z.string().min(16), principal: Principal })).min(1),
});

export interface Authenticator {
  /** Who sends `authorization: Bearer ...`; null for nobody we know. */
  (authorization: string | undefined): Principal | null;
}

const ADMIN: Principal = { id: 'admin', kind: 'person', roles: ['admin'] };
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares digests in constant time, so that the time of an answer says nothing about a token. */
export function createAuthenticator(known: readonly { token: string; principal: Principal }[]): Authenticator {
  const entries = known.map(({ token, principal }) => ({ digest: digest(token), principal }));
  return (authorization) => {
    if (authorization === undefined || !authorization.startsWith('Bearer ')) return null;
    const sent = digest(authorization.slice('Bearer '.length).trim());
    let found: Principal | null = null;
    for (const entry of entries) if (timingSafeEqual(entry.digest, sent)) found = entry.principal;
    return found;
  };
}

/**
 * Reads the admin token and the optional `<home>/tokens.json`.
 * @param configured METTLE_TOKEN_FILE: a plain token, or a {@link TokensFile} as JSON; null: `<home>/token`, which is
 * generated when there is none
 * @throws MettleError INVALID_INPUT when a file cannot be understood; UNAUTHENTICATED when the configured one is not there
 */
export function loadTokens(configured: string | null, home: string): Authenticator {
  const known: { token: string; principal: Principal }[] = [];
  const tokenFile = configured ?? join(home, 'token');
  const tokensFile = join(home, 'tokens.json');
  if (!existsSync(tokenFile)) {
    if (configured !== null) throw new MettleError('UNAUTHENTICATED', `METTLE_TOKEN_FILE names ${configured}, which is not there`, { setting: 'METTLE_TOKEN_FILE', path: configured });
    mkdirSync(home, { recursive: true });
    writeFileSync(tokenFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  }
  const text = readFileSync(tokenFile, 'utf8').trim();
  if (text.startsWith('{')) known.push(...parse(text, tokenFile));
  else if (!/^[\x21-\x7e]{16,}$/.test(text)) throw new MettleError('INVALID_INPUT', `${tokenFile} holds no token of at least 16 printable characters`, { setting: 'METTLE_TOKEN_FILE' });
  else known.push({ token: text, principal: ADMIN });
  if (existsSync(tokensFile)) known.push(...parse(readFileSync(tokensFile, 'utf8'), tokensFile));
  return createAuthenticator(known);
}

function parse(text: string, path: string): z.infer<typeof TokensFile>['tokens'] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new MettleError('INVALID_INPUT', `${path} is not JSON`, { field: path });
  }
  const result = TokensFile.safeParse(json);
  // The path is safe to show; its input may hold a token.
  if (!result.success) throw new MettleError('INVALID_INPUT', `${path}: ${result.error.issues[0]?.path.join('.')} is not valid`, { field: path });
  return result.data.tokens;
}
