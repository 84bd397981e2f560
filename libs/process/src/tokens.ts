import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { MettleError, Principal } from '@mettle/contracts';

/** Tokens that may call, and the one by which this process speaks to the gateway. */
export interface Tokens {
  readonly accepted: readonly string[];
  readonly own: string;
}

const TokensFile = z.object({ v: z.literal(1), tokens: z.array(z.object({ token: z.string().min(16), principal: Principal })).min(1) });

/**
 * @param path a plain token, or JSON that maps tokens to principals, as the gateway reads it
 * @throws MettleError UNAUTHENTICATED when there is no usable token
 */
export function readTokens(path: string): Tokens {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch {
    throw new MettleError('UNAUTHENTICATED', `there is no token at ${path}: METTLE_TOKEN_FILE must name the gateway's`, { setting: 'METTLE_TOKEN_FILE', path });
  }
  if (!text.startsWith('{')) {
    if (!/^[\x21-\x7e]{16,}$/.test(text)) throw new MettleError('UNAUTHENTICATED', `${path} holds no token of at least 16 printable characters`, { setting: 'METTLE_TOKEN_FILE', path });
    return { accepted: [text], own: text };
  }
  let parsed: z.infer<typeof TokensFile>;
  try {
    parsed = TokensFile.parse(JSON.parse(text));
  } catch {
    // What is wrong may hold a token.
    throw new MettleError('UNAUTHENTICATED', `${path} is no file of tokens`, { setting: 'METTLE_TOKEN_FILE', path });
  }
  const own = parsed.tokens.find(({ principal }) => principal.roles.some((role) => role === 'platform' || role === 'admin'));
  if (own === undefined) throw new MettleError('UNAUTHENTICATED', `${path} holds no token with the role platform`, { setting: 'METTLE_TOKEN_FILE', path });
  return { accepted: parsed.tokens.map(({ token }) => token), own: own.token };
}
