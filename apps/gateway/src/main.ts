import { Runtime } from '@temporalio/worker';
import pino from 'pino';
import { temporalLogger } from '@mettle/lifecycle-activities';
import { runProcess } from '@mettle/process';
import { startControl } from './startControl.ts';

await runProcess(async ({ settings, environment }) => {
  Runtime.install({ logger: temporalLogger(pino({ level: settings.METTLE_LOG_LEVEL, name: 'temporal' })) });
  const control = await startControl(settings, environment);
  return { stop: () => control.stop(), ended: control.failed };
});
