import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as metadata from '@mettle/metadata-db';
import { freshDatabase } from '@mettle/testing';
import { describe, expect, it } from 'vitest';
import { ownLogs } from './ownLogs.ts';

describe('the logs of a database', () => {
  it('stay in the home that they were begun in: another one would give the same sequences again', async () => {
    const db = await metadata.openMetadataDb(await freshDatabase(join(mkdtempSync(join(tmpdir(), 'mettle-logs-')), 'db'), metadata));
    const [first, other] = [mkdtempSync(join(tmpdir(), 'mettle-logs-')), mkdtempSync(join(tmpdir(), 'mettle-logs-'))];
    const own = (home: string, at: number) => ownLogs(db, home, () => at);
    await (await own(first, 1_000_000)).release();
    await (await own(first, 2_000_000)).release();
    await expect(own(other, 3_000_000)).rejects.toMatchObject({ code: 'LOGS_ELSEWHERE', message: expect.stringMatching(/1970-01-01T00:00:01.*not in .*mettle-logs-/) as string, data: { home: other, since: 1_000_000 } });
    // A home that was lost and made anew is another one.
    const id = readFileSync(join(first, 'logs.id'), 'utf8');
    rmSync(join(first, 'logs.id'));
    await expect(own(first, 4_000_000)).rejects.toMatchObject({ code: 'LOGS_ELSEWHERE' });
    expect(readFileSync(join(first, 'logs.id'), 'utf8')).not.toBe(id);
    await db.close();
  });
});
