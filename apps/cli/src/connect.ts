import type { Client } from '@mettle/api-client';

/** Where the gateway is, and with whose token: METTLE_GATEWAY_URL or METTLE_HOST and _PORT; METTLE_TOKEN, or the token's file. */
export async function connect(env: NodeJS.ProcessEnv, gateway: string | undefined): Promise<{ client: Client; url: string }> {
  const [{ createClient }, { MettleError }, { readFileSync }, { join }, { readSettings }] = await Promise.all([
    import('@mettle/api-client'), import('@mettle/contracts'), import('node:fs'), import('node:path'), import('./up/settings.ts'),
  ]);
  const settings = readSettings(env);
  const host = settings.METTLE_HOST === '0.0.0.0' ? '127.0.0.1' : settings.METTLE_HOST;
  const url = gateway ?? env['METTLE_GATEWAY_URL'] ?? `http://${host}:${settings.METTLE_GATEWAY_PORT}`;
  if (!/^https?:\/\/[^/]+/.test(url)) throw new MettleError('INVALID_INPUT', `'${url}' is no address of a gateway`, { field: '--gateway' });
  const path = settings.METTLE_TOKEN_FILE ?? join(settings.METTLE_HOME, 'token');
  let token = env['METTLE_TOKEN'];
  const where = token === undefined ? path : 'METTLE_TOKEN';
  if (token === undefined) {
    try {
      token = readFileSync(path, 'utf8').trim();
    } catch {
      throw new MettleError('UNAUTHENTICATED', `no token: ${path} is not there; start the platform (mettle up), or set METTLE_TOKEN or METTLE_TOKEN_FILE`, { path });
    }
  }
  if (token.startsWith('{')) throw new MettleError('UNAUTHENTICATED', `${where} holds the tokens of many: set METTLE_TOKEN to your own`, { where });
  // What cannot stand in a header is not repeated: it may hold a token.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new MettleError('UNAUTHENTICATED', `${where} holds no token: one word of printable ASCII`, { where });
  return { client: createClient({ url, token }), url };
}
