import type { Client } from '@mettle/api-client';
import { CommanderError, type Command } from 'commander';
import { connect } from './connect.ts';

/** Where a command writes, and what it knows of its surroundings. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly out: (text: string) => void;
}

// Options are parsed by commander: each verb knows its own.
export type Options = Readonly<Record<string, string | number | boolean | undefined | object>>;

/** What a verb is made of: one call, and a page for people. */
export interface Verb<T> {
  /** `get <service>` */
  readonly usage: string;
  readonly summary: string;
  readonly configure?: (command: Command) => Command;
  readonly call: (client: Client, args: readonly string[], options: Options, out: (text: string) => void) => Promise<T>;
  readonly show: (result: T) => string;
}

/** Adds a verb that asks the gateway; each has --json, --gateway and --help. */
export function addVerb<T>(noun: Command, { env, out }: Surroundings, verb: Verb<T>): void {
  const command = noun.command(verb.usage).description(verb.summary);
  verb.configure?.(command);
  command
    .option('--json', 'print the answer as JSON')
    .option('--gateway <url>', 'address of the gateway (METTLE_GATEWAY_URL)')
    .action(async (...given: unknown[]) => {
      const options = given.at(-2) as Options;
      const args = given.slice(0, -2).filter((arg) => arg !== undefined) as string[];
      const { client, url } = await connect(env, options['gateway'] as string | undefined);
      try {
        const result = await verb.call(client, args, options, out);
        if (options['json'] === true) out(`${JSON.stringify(result, null, 2)}\n`);
        else out(`${verb.show(result)}\n`);
      } catch (error) {
        throw await named(error, url);
      } finally {
        await client.close();
      }
    });
}

/** The typed error; one that says nobody answers names the address. */
async function named(error: unknown, url: string): Promise<Error> {
  if (error instanceof CommanderError) return error;
  const [{ mettleErrorOf }, { MettleError }] = await Promise.all([import('@mettle/api-client'), import('@mettle/contracts')]);
  const mettle = mettleErrorOf(error);
  const silent = mettle.code === 'UNAVAILABLE' && 'reason' in mettle.data;
  return silent ? new MettleError('UNAVAILABLE', `no gateway answers at ${url} (${String(mettle.data['reason'])}): start it with mettle up, or say where it is with --gateway`, { ...mettle.data, url }) : mettle;
}
