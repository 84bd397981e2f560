import { join } from 'node:path';
import { connect } from 'node:net';
import { SEARCH_ATTRIBUTES, type Settings } from '@mettle/contracts';
import type { ProcessSpec } from './managedProcess.ts';
import { ROOT, temporalCli } from './settings.ts';

/** Shortens a step of the clock from 670 ms to about 100; safe under kill -9. */
const DEV_SERVER_FLAGS = [
  '--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000',
  '--dynamic-config-value', 'history.timerProcessorMaxPollRPS=2000',
  '--sqlite-pragma', 'journal_mode=WAL',
  '--sqlite-pragma', 'synchronous=1',
];

/** A young generation that holds a step's rows: objects that die young are then not copied (16 MB is Node's own choice). */
const NODE_FLAGS = ['--enable-source-maps', '--max-semi-space-size=64'];

const answers = async (url: string): Promise<boolean> => (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });

/** The processes of the embedded topology, in the order in which they start. */
export function processTable(settings: Settings, python: string | null): ProcessSpec[] {
  const host = settings.METTLE_HOST;
  const local = host === '0.0.0.0' ? '127.0.0.1' : host;
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)])),
    ...(python === null ? {} : { METTLE_PYTHON: python }),
    TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'] ?? `127.0.0.1:${settings.METTLE_TEMPORAL_PORT}`,
  };
  const app = (name: string, folder: string, ready: () => Promise<boolean>): ProcessSpec => ({
    name, command: process.execPath, args: [...NODE_FLAGS, join(ROOT, 'apps', folder, 'dist', 'main.js')], env: environment, ready, channel: true,
  });
  const temporal: ProcessSpec = {
    name: 'temporal',
    command: temporalCli(settings),
    args: [
      'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(settings.METTLE_TEMPORAL_PORT), '--ui-port', String(settings.METTLE_TEMPORAL_UI_PORT),
      '--db-filename', join(settings.METTLE_HOME, 'temporal.db'), '--log-level', 'error',
      ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]), ...DEV_SERVER_FLAGS,
    ],
    env: process.env,
    ready: () => accepts('127.0.0.1', settings.METTLE_TEMPORAL_PORT),
    channel: false,
  };
  const gateway = `http://${local}:${settings.METTLE_GATEWAY_PORT}`;
  return [
    temporal,
    app('control', 'gateway', () => answers(`${gateway}/health/ready`)),
    app('compute', 'compute-worker', () => Promise.resolve(true)),
    app('inference', 'inference-server', () => answers(`http://${local}:${settings.METTLE_INFERENCE_PORT}/v2/health/ready`)),
  ];
}
