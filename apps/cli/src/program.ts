import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { demoCommand } from './demo/index.ts';
import { upCommand } from './up/index.ts';
import type { Surroundings } from './verb.ts';
import { datasets } from './verbs/datasets.ts';
import { endpoints } from './verbs/endpoints.ts';
import { features } from './verbs/features.ts';
import { lifecycle } from './verbs/lifecycle.ts';
import { models } from './verbs/models.ts';
import { platform } from './verbs/platform.ts';
import { score } from './verbs/score.ts';
import { watch } from './verbs/watch.ts';

export interface Terminal extends Surroundings {
  readonly err: (text: string) => void;
}

/** 0 done, 1 refused or failed, 2 the command line was wrong. */
export type ExitCode = 0 | 1 | 2;

function createProgram(terminal: Terminal): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  const program = new Command('mettle').description('owns a model from training to production and back').version(version).showHelpAfterError('(--help shows how)');
  program.addCommand(upCommand).addCommand(demoCommand);
  for (const add of [platform, score, features, datasets, models, endpoints, lifecycle, watch]) add(program, terminal);
  const settle = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err }).showHelpAfterError('(--help shows how)');
    command.commands.forEach(settle);
  };
  settle(program);
  return program;
}

/** Runs one command line; nothing it does throws. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    await createProgram(terminal).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    // What a verb refuses to parse, commander has not told yet.
    if (error instanceof InvalidArgumentError) terminal.err(`error: ${error.message}\n`);
    if (error instanceof CommanderError) return error.code === 'commander.helpDisplayed' || error.code === 'commander.version' ? 0 : 2;
    return complain(error, terminal);
  }
}

async function complain(error: unknown, { err, env }: Terminal): Promise<ExitCode> {
  const { isMettleError } = await import('@mettle/contracts');
  if (isMettleError(error)) err(`error ${error.code}: ${error.message}\n  ${error.hint}\n`);
  else err(`error INTERNAL: ${error instanceof Error ? error.message : String(error)}\n`);
  if (env['METTLE_LOG_LEVEL'] === 'debug' && error instanceof Error) err(`${error.stack ?? ''}\n`);
  return 1;
}
