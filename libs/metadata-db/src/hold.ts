import { setTimeout as sleep } from 'node:timers/promises';
import { MettleError } from '@mettle/contracts';
import pg from 'pg';

/** A lock on the database, given back when its holder goes, however it goes. */
export interface Hold {
  /** Rejects when another process has taken the lock while the database was away. */
  readonly lost: Promise<never>;
  release(): Promise<void>;
}

const AGAIN_MS = 500;
/** A server notices a little later that the session of a killed holder has ended. */
const TAKES_LEAVE_MS = 3_000;

const taken = (): MettleError => new MettleError('ALREADY_RUNNING', 'another gateway holds the logs of this database (METTLE_DATABASE_URL): one at a time may write them', { setting: 'METTLE_DATABASE_URL' });

/** A session that holds the advisory lock. @throws MettleError ALREADY_RUNNING */
async function lockedSession(url: string, lock: number): Promise<pg.Client> {
  // Keep-alive ends, on the server too, a session whose host is gone.
  const client = new pg.Client({ connectionString: url, keepAlive: true, keepAliveInitialDelayMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3');
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lock]);
    if (rows[0]?.held !== true) throw taken();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

async function first(url: string, lock: number): Promise<pg.Client> {
  for (const until = performance.now() + TAKES_LEAVE_MS; ; await sleep(AGAIN_MS)) {
    try {
      return await lockedSession(url, lock);
    } catch (error) {
      if (!(error instanceof MettleError) || performance.now() > until) throw error;
    }
  }
}

/** Holds an advisory lock of a PostgreSQL, and takes it again after an outage. @throws MettleError ALREADY_RUNNING */
export async function holdLock(url: string, lock: number): Promise<Hold> {
  let released = false;
  let session = await first(url, lock);
  const ended = (client: pg.Client): Promise<void> => new Promise((resolve) => client.once('end', () => resolve()));
  let end = ended(session);
  const keep = async (): Promise<never> => {
    for (;;) {
      await end;
      // The lock is of nobody now; a rival that was quicker keeps it.
      while (!released) {
        try {
          session = await lockedSession(url, lock);
          end = ended(session);
          break;
        } catch (error) {
          if (error instanceof MettleError) throw error;
          await sleep(AGAIN_MS);
        }
      }
      if (released) return new Promise<never>(() => undefined);
    }
  };
  const lost = keep();
  lost.catch(() => undefined);
  return {
    lost,
    async release() {
      released = true;
      await session.end();
    },
  };
}
