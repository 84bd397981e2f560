import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isoTime, MettleError, type TimeUs } from '@mettle/contracts';
import { eq, logHomes, type Hold, type MetadataDb } from '@mettle/metadata-db';

/** Any number: it names our lock among the advisory locks of the database. */
const LOGS_LOCK = 6_385_389;
const SHARED = 'shared';

/** The id of a home's logs, made with the home. */
function idOf(home: string): string {
  const path = join(home, 'logs.id');
  try {
    writeFileSync(path, `${randomUUID()}\n`, { flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}

/**
 * Makes this process the one writer of the logs that this database knows: it gives the sequences, and what is not sealed
 * yet is in its home only. Another home would give the same sequences to other events.
 * @throws MettleError ALREADY_RUNNING while another process writes them; LOGS_ELSEWHERE when they are in another home
 */
export async function ownLogs(db: MetadataDb, home: string, now: () => TimeUs): Promise<Hold> {
  const hold = await db.hold(LOGS_LOCK);
  try {
    const id = idOf(home);
    await db.orm.insert(logHomes).values({ log: SHARED, home: id, host: hostname(), since: now() }).onConflictDoNothing();
    const [held] = await db.orm.select().from(logHomes).where(eq(logHomes.log, SHARED));
    if (held === undefined || held.home === id) return hold;
    throw new MettleError('LOGS_ELSEWHERE', `the logs of this database are in the METTLE_HOME that gateway ${held.host} made at ${isoTime(held.since)}, not in ${home}`, { home, host: held.host, since: held.since, logs: held.home });
  } catch (error) {
    await hold.release();
    throw error;
  }
}
