import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { Settings } from '@mettle/contracts';
import { startInferenceServer } from './server.ts';

const settings = Settings.parse(process.env);
const log = pino({ level: settings.METTLE_LOG_LEVEL, name: 'inference-server' });
const token = readFileSync(settings.METTLE_TOKEN_FILE ?? join(settings.METTLE_HOME, 'token'), 'utf8').trim();

const server = await startInferenceServer({
  settings,
  token,
  gateway: process.env['METTLE_GATEWAY_URL'] ?? `http://127.0.0.1:${settings.METTLE_GATEWAY_PORT}`,
  server: process.env['METTLE_SERVER'] ?? 'inference-0',
  onError: (what, error) => log.warn({ error: String(error) }, what),
});
log.info({ url: server.url }, 'serving');

const stop = (): void => void server.stop().then(() => process.exit(0), () => process.exit(1));
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.once('disconnect', stop);
