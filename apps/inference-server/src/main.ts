import { hostname } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { isMettleError, settingsOf } from '@mettle/contracts';
import { isLoopback } from './http/protect.ts';
import { startInferenceServer } from './server.ts';
import { readTokens } from './tokens.ts';

const settings = settingsOf(process.env);
const log = pino({ level: settings.METTLE_LOG_LEVEL, name: 'inference-server' });

try {
  const server = await startInferenceServer({
    settings,
    tokens: readTokens(settings.METTLE_TOKEN_FILE ?? join(settings.METTLE_HOME, 'token')),
    gateway: process.env['METTLE_GATEWAY_URL'] ?? `http://127.0.0.1:${settings.METTLE_GATEWAY_PORT}`,
    // Beside others of its kind a replica is called as its machine.
    server: process.env['METTLE_SERVER'] ?? (isLoopback(settings.METTLE_HOST) ? 'inference-0' : hostname()),
    onError: (what, error) => log.warn({ err: error }, what),
  });
  log.info({ url: server.url }, 'serving');
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopped with an error');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
} catch (error) {
  if (isMettleError(error)) log.fatal({ code: error.code, hint: error.hint, data: error.data }, error.message);
  else log.fatal({ err: error }, 'cannot start');
  process.exitCode = 1;
  // Handles that are open already must not keep a process that serves nothing.
  setTimeout(() => process.exit(1), 200).unref();
}
