import { Command, InvalidArgumentError } from 'commander';
import { trainerVenv } from '../up/python.ts';

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number');
  return value;
};

/** `mettle demo`: a year of departures, lived by the platform. */
export const demoCommand = new Command('demo')
  .description('live a year of departures from New York with the platform (about eight minutes)')
  .option('--chaos', 'kill -9 a random process of the platform every 20 seconds', false)
  .option('--resume', 'go on from a run that was killed', false)
  .option('--seed <n>', 'seed of what is left to chance', whole, 2013)
  .option('--days <n>', 'live only this many days', whole)
  .option('--venv <path>', "the trainer's virtual environment", trainerVenv())
  .option('--json', 'print the result as JSON', false)
  .action(async (options: { chaos: boolean; resume: boolean; seed: number; days?: number; venv: string; json: boolean }) => {
    const { runDemo } = await import('./run.ts');
    const { result, text } = await runDemo(process.env, { ...options, days: options.days ?? null, quiet: false });
    process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : text);
  });
