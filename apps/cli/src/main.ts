import { Command } from 'commander';
import { isMettleError } from '@mettle/contracts';
import { demoCommand } from './demo/index.ts';
import { upCommand } from './up/index.ts';

const program = new Command('mettle').description('owns a model from training to production and back').addCommand(upCommand).addCommand(demoCommand);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(isMettleError(error) ? `error ${error.code}: ${error.message}\n  ${error.hint}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
