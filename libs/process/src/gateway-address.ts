import { MettleError } from '@mettle/contracts';

const ANSWER_MS = 3_000;

/** @throws MettleError INVALID_INPUT when a METTLE_GATEWAY_URL is no address of a gateway */
export function gatewayAddress(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url.replace(/\/+$/, '');
  throw new MettleError('INVALID_INPUT', `METTLE_GATEWAY_URL='${url}' is no address: http://host:port`, { setting: 'METTLE_GATEWAY_URL' });
}

/**
 * Shows the gateway a token.
 * @returns whether there was a gateway to see it
 * @throws MettleError UNAUTHENTICATED when it was refused
 */
export async function showToken(gateway: string, token: string): Promise<boolean> {
  const reply = await fetch(`${gateway}/health`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null);
  await reply?.body?.cancel();
  if (reply?.status === 401 || reply?.status === 403) {
    throw new MettleError('UNAUTHENTICATED', `the gateway at ${gateway} refuses the token of METTLE_TOKEN_FILE: it must be one of the gateway's`, { setting: 'METTLE_TOKEN_FILE', gateway });
  }
  return reply !== null;
}
