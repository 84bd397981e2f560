import { once } from 'node:events';
import { Command } from 'commander';

export { startPlatform } from './platform.ts';
export { readSettings } from './settings.ts';

/** `mettle up`: the platform until Ctrl-C. */
export const upCommand = new Command('up')
  .description('start the platform and keep it running until Ctrl-C')
  .action(async () => {
    const [{ startPlatform }, { readSettings }, { findPython }] = await Promise.all([import('./platform.ts'), import('./settings.ts'), import('./python.ts')]);
    const settings = readSettings(process.env);
    const interrupt = new AbortController();
    const stopping = once(interrupt.signal, 'abort');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort(signal));
    process.stderr.write('starting Mettle ...\n');
    const platform = await startPlatform({
      settings,
      python: findPython(settings),
      signal: interrupt.signal,
      onEvent: (event) => {
        if (event.kind === 'restarted') process.stderr.write(`${event.name} was restarted (pid ${event.pid})\n`);
      },
    }).catch((error: unknown) => {
      if (interrupt.signal.aborted && error === interrupt.signal.reason) return null;
      throw error;
    });
    if (platform === null) return void process.stderr.write('stopped before it was up\n');
    const base = (port: number): string => `http://${settings.METTLE_HOST}:${port}`;
    const rows = [
      ['gateway', base(settings.METTLE_GATEWAY_PORT), 'tRPC at /trpc, REST at /api, /openapi.json'],
      ['inference', base(settings.METTLE_INFERENCE_PORT), 'Open Inference Protocol v2'],
      ['Temporal UI', `http://127.0.0.1:${settings.METTLE_TEMPORAL_UI_PORT}`, 'workflows'],
      ['data', settings.METTLE_HOME, 'METTLE_HOME'],
      ['token', settings.METTLE_TOKEN_FILE ?? `${settings.METTLE_HOME}/token`, 'Authorization: Bearer ...'],
    ];
    const width = Math.max(...rows.map(([, where]) => where!.length));
    process.stdout.write(`${rows.map(([what, where, how]) => `  ${what!.padEnd(12)} ${where!.padEnd(width)}  ${how}`).join('\n')}\n\nCtrl-C stops all of it.\n`);
    await stopping;
    process.stderr.write('\nstopping ...\n');
    await platform.stop();
  });
