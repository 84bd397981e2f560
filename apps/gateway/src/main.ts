import { Runtime } from '@temporalio/worker';
import pino from 'pino';
import { isMettleError, settingsOf } from '@mettle/contracts';
import { temporalLogger } from './platform/temporalLogger.ts';
import { startControl, type RunningControl } from './startControl.ts';

function fail(error: unknown): never {
  if (isMettleError(error)) process.stderr.write(`error ${error.code}: ${error.message}\n  ${error.hint}\n`);
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

let control: RunningControl;
try {
  const settings = settingsOf(process.env);
  Runtime.install({ logger: temporalLogger(pino({ level: settings.METTLE_LOG_LEVEL, name: 'temporal' })) });
  control = await startControl(settings, process.env);
} catch (error) {
  fail(error);
}
let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  control.stop().then(() => process.exit(0), fail);
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// The channel to the supervisor: without it nobody would end this process.
process.once('disconnect', stop);
control.failed.catch(fail);
