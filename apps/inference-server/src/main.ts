import { join } from 'node:path';
import pino from 'pino';
import { createComplaints, gatewayAddress, readTokens, runProcess } from '@mettle/process';
import { startInferenceServer } from './server.ts';

await runProcess(async ({ settings, environment }) => {
  const log = pino({ level: settings.METTLE_LOG_LEVEL, name: 'inference-server' });
  const server = await startInferenceServer({
    settings,
    tokens: readTokens(settings.METTLE_TOKEN_FILE ?? join(settings.METTLE_HOME, 'token')),
    gateway: gatewayAddress(environment['METTLE_GATEWAY_URL'] ?? `http://127.0.0.1:${settings.METTLE_GATEWAY_PORT}`),
    server: environment['METTLE_SERVER'],
    onError: createComplaints(log),
  });
  log.info({ url: server.url }, 'serving');
  return { stop: () => server.stop() };
});
