import { MettleError } from '@mettle/contracts';
import { Redis } from 'ioredis';
import type { Command, Reply } from './redis-attempt.ts';
import { HEAD } from './redis-keys.ts';

/** For a first connection, and for one answer, ms. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 5_000;
const RETRY_MS = 500;

export type HeadFields = readonly (string | null)[];
export const HEAD_FIELDS = ['position', 'generation', 'catalogue', 'base', 'term', 'commit'] as const;

// Atomic, as every script is: the head and the answers of all commands are of one moment, and all of them were done or none.
// ARGV: 'term:commit' that the head must hold, or '' for any; then each command after its length. The answer begins with
// whether the commands ran, and the head before them.
const SCRIPT = `
local head = redis.call('HMGET', KEYS[1], '${HEAD_FIELDS.join("', '")}')
if ARGV[1] ~= '' and ARGV[1] ~= (head[5] or '') .. ':' .. (head[6] or '') then return {0, head} end
local answers = {1, head}
local at = 2
while at <= #ARGV do
  local length = tonumber(ARGV[at])
  answers[#answers + 1] = redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
return answers`;

export interface Connection {
  /**
   * Runs commands as one atomic step. @param expected 'term:commit' of the head, or '' for any
   * @throws MettleError UNAVAILABLE; then a step that writes may have been done or not
   */
  step(expected: string, commands: readonly Command[]): Promise<{ done: boolean; head: HeadFields; replies: Reply[] }>;
  close(): Promise<void>;
}

interface Scripted {
  mettleStep(head: string, ...rest: string[]): Promise<[number, HeadFields, ...Reply[]]>;
}

/** Reconnects by itself; meanwhile steps fail at once and nothing is sent twice. */
export function connectRedis(url: string): Connection {
  const address = url.replace(/\/\/[^@/]*@/, '//');
  const client = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    commandTimeout: ANSWER_MS,
    socketTimeout: 2 * ANSWER_MS,
    retryStrategy: (attempt) => Math.min(20 * attempt, RETRY_MS),
    scripts: { mettleStep: { lua: SCRIPT, numberOfKeys: 1 } },
  });
  let reason = 'it was not reached yet';
  client.on('error', (error: Error) => void (reason = error.message));
  const away = (cause?: unknown): MettleError =>
    new MettleError('UNAVAILABLE', `the online store in Redis at ${address} (METTLE_ONLINE_STORE_URL) does not answer: ${reason}`, { setting: 'METTLE_ONLINE_STORE_URL', store: address, reason: cause === undefined ? reason : String(cause).slice(0, 300) }, { cause });

  /** The first connection is waited for; a later loss is told at once. */
  let opening: Promise<void> | undefined = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, CONNECT_MS);
    const done = (): void => (clearTimeout(timer), resolve());
    client.once('ready', done);
    client.once('end', done);
  }).finally(() => (opening = undefined));

  /** A Redis that throws keys away under memory pressure would serve aggregates with holes. */
  const checkEviction = async (): Promise<void> => {
    const memory = await client.info('memory');
    const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? '';
    if (policy.startsWith('allkeys')) throw new MettleError('UNAVAILABLE', `Redis may evict any key (maxmemory-policy ${policy}): set noeviction`, { store: address, policy });
  };
  let checked: Promise<void> | undefined;
  client.on('close', () => (checked = undefined));

  return {
    async step(expected, commands) {
      await opening;
      try {
        await (checked ??= checkEviction().catch((error: unknown) => {
          checked = undefined;
          throw error;
        }));
        const rest: string[] = [expected];
        for (const command of commands) rest.push(String(command.length), ...command);
        const [done, head, ...replies] = await (client as unknown as Scripted).mettleStep(HEAD, ...rest);
        return { done: done === 1, head, replies };
      } catch (error) {
        throw error instanceof MettleError ? error : away(error);
      }
    },
    close: async () => {
      client.disconnect();
      await opening;
    },
  };
}
