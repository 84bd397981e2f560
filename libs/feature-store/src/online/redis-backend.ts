import { MettleError } from '@mettle/contracts';
import { randomUUID } from 'node:crypto';
import type { Backend, Transaction } from './backend.ts';
import type { Attempt, Command, RedisHead, Reply } from './redis-attempt.ts';
import { createAttempt, nameOf } from './redis-attempt.ts';
import type { HEAD_FIELDS, HeadFields } from './redis-connection.ts';
import { connectRedis } from './redis-connection.ts';
import { HEAD } from './redis-keys.ts';

/** Runs that a piece of work may need: one to see what it asks for, one with it, one more after a correction or a new catalogue. */
const ROUNDS = 8;

export interface RedisOptions {
  /** `redis://` or `rediss://`, with its database. */
  readonly url: string;
  readonly readOnly?: boolean;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

const expectedOf = (fields: HeadFields): string => `${fields[4] ?? ''}:${fields[5] ?? ''}`;

function headOf(fields: HeadFields): RedisHead | null {
  const [position, generation, catalogue, base, term, commit] = fields;
  if (position === null) return null;
  if (fields.some((field) => field === null)) throw new MettleError('UNAVAILABLE', 'the online store in Redis has half a head', {});
  return { position: Number(position), generation: Number(generation), catalogue: catalogue as string, base: base as string, term: Number(term), commit: Number(commit) };
}

/**
 * A store in Redis. One script reads all pieces of some work together with the head, and one script does all its writes on
 * condition that the head has not moved since: so a batch is whole or absent, whatever is killed. A writer holds a term,
 * greater than that of every writer before it; who was replaced is refused.
 */
export function redisBackend({ url, readOnly = false, now = Date.now }: RedisOptions): Backend {
  const connection = connectRedis(url);
  let ownTerm: number | undefined;
  let lastGeneration = 0;
  /** Where the store stood when it was last asked: a guess, with which the first run finds out what it needs. */
  let guess: RedisHead | undefined;
  let known: Attempt['catalogue'];

  /** Takes the store over, or makes it anew where there is none. The next step tells whether that was in time. */
  const claim = async (fields: HeadFields): Promise<void> => {
    const held = headOf(fields);
    ownTerm ??= Math.max(now(), (held?.term ?? 0) + 1);
    const written: Record<(typeof HEAD_FIELDS)[number], string | number> =
      held === null
        ? { position: 0, generation: Math.max(now(), lastGeneration + 1), catalogue: '', base: randomUUID(), term: ownTerm, commit: 0 }
        : { ...held, term: ownTerm, commit: held.commit + 1 };
    await connection.step(expectedOf(fields), [['HSET', HEAD, ...Object.entries(written).flatMap(([name, value]) => [name, String(value)])]]);
  };

  const fetch = async (commands: readonly Command[]): Promise<{ head: RedisHead; replies: Reply[] }> => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { head: fields, replies } = await connection.step('', commands);
      const head = headOf(fields);
      if (!readOnly && (head === null || ownTerm === undefined || head.term < ownTerm)) {
        await claim(fields);
        continue;
      }
      if (head === null) throw new MettleError('UNAVAILABLE', 'the online store in Redis is empty: its writer fills it from the event log', {});
      if (!readOnly && head.term !== ownTerm) throw new MettleError('ALREADY_RUNNING', 'another process writes this online store now', { term: head.term });
      lastGeneration = head.generation;
      return { head, replies };
    }
    throw new MettleError('UNAVAILABLE', 'the online store in Redis changes hands', {});
  };

  /** Runs work until everything that it asked for was fetched at one moment. */
  const settle = async <T>(work: (store: Transaction) => T): Promise<{ result: T; attempt: Attempt; head: RedisHead }> => {
    const wanted = new Map<string, Command>();
    let replies = new Map<string, Reply>();
    let head = guess;
    let real = false;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (head !== undefined) {
        const attempt = createAttempt(head, replies, known);
        let outcome: { readonly result: T } | { readonly error: unknown };
        try {
          outcome = { result: work(attempt.store) };
        } catch (error) {
          outcome = { error };
        }
        if (real && attempt.missing.length === 0) {
          if ('error' in outcome) throw outcome.error;
          return { result: outcome.result, attempt, head };
        }
        for (const command of attempt.missing) wanted.set(nameOf(command), command);
      }
      const fetched = await fetch([...wanted.values()]);
      head = guess = fetched.head;
      replies = new Map([...wanted.keys()].map((name, index) => [name, fetched.replies[index] ?? null]));
      real = true;
    }
    throw new MettleError('UNAVAILABLE', 'the online store in Redis did not stand still', {});
  };

  return {
    snapshot: async (work) => {
      const { result, attempt } = await settle(work);
      known = attempt.catalogue ?? known;
      return result;
    },
    write: async (work) => {
      if (readOnly) throw new MettleError('INTERNAL', 'this online store is open to read', {});
      const { result, attempt, head } = await settle(work);
      const commands = attempt.writes();
      if (commands.length > 0) {
        const { done } = await connection.step(`${head.term}:${head.commit}`, [...commands, ['HSET', HEAD, 'commit', String(head.commit + 1)]]);
        if (!done) throw new MettleError('UNAVAILABLE', 'the online store in Redis changed under its writer', {});
        guess = undefined;
      }
      known = attempt.catalogue ?? known;
      return result;
    },
    close: () => connection.close(),
  };
}
