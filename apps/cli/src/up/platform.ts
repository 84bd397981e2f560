import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '@mettle/contracts';
import { ownFolder } from '@mettle/process';
import type { ProcessEvent } from './managedProcess.ts';
import { checkPorts } from './ports.ts';
import { processTable } from './processTable.ts';
import { checkExposure } from './settings.ts';
import { type Platform, supervise } from './supervisor.ts';

export type { Platform } from './supervisor.ts';

/** The Temporal dev server listens here, whatever the host of the others. */
const LOOPBACK = '127.0.0.1';

/**
 * Starts the platform in one place: Temporal, control, compute and inference, each restarted when it dies.
 * @throws MettleError INVALID_INPUT | FORBIDDEN | ALREADY_RUNNING | PORT_IN_USE | NOT_FOUND | UNAVAILABLE; the signal's reason when it aborts the start
 */
export async function startPlatform(options: { settings: Settings; python?: string | null; onEvent?: (event: ProcessEvent) => void; signal?: AbortSignal }): Promise<Platform> {
  const { settings, onEvent, signal } = options;
  const home = settings.METTLE_HOME;
  checkExposure(settings);
  const folder = join(home, 'run');
  ownFolder(folder, 'METTLE_HOME');
  return supervise({
    folder,
    onEvent,
    signal,
    prepare: async () => {
      await checkPorts([
        { host: settings.METTLE_HOST, port: settings.METTLE_GATEWAY_PORT, setting: 'METTLE_GATEWAY_PORT' },
        { host: settings.METTLE_HOST, port: settings.METTLE_INFERENCE_PORT, setting: 'METTLE_INFERENCE_PORT' },
        { host: LOOPBACK, port: settings.METTLE_TEMPORAL_PORT, setting: 'METTLE_TEMPORAL_PORT' },
        { host: LOOPBACK, port: settings.METTLE_TEMPORAL_UI_PORT, setting: 'METTLE_TEMPORAL_UI_PORT' },
      ]);
      const token = settings.METTLE_TOKEN_FILE ?? join(home, 'token');
      if (!existsSync(token)) writeFileSync(token, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
      return processTable(settings, options.python ?? null);
    },
  });
}
