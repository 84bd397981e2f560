import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import * as metadata from '@mettle/metadata-db';
import { freshDatabase } from '@mettle/testing';
import { Settings, type Principal, type Role } from '@mettle/contracts';
import { createCallerFactory } from '../trpc/init.ts';
import { openPlatform } from '../platform/openPlatform.ts';
import { appRouter } from '../routers/app.ts';

export const TOKENS = { admin: 'a'.repeat(32), viewer: 'v'.repeat(32), scientist: 's'.repeat(32), approver: 'p'.repeat(32) } as const;

const principal = (id: string, ...roles: Role[]): Principal => ({ id, kind: 'person', roles });

/** Real rooms in a folder of its own; Temporal is away unless a client is given. */
export async function openTestPlatform(temporal?: Client) {
  const home = await mkdtemp(join(tmpdir(), 'mettle-gateway-'));
  await writeFile(join(home, 'token'), TOKENS.admin);
  await writeFile(join(home, 'tokens.json'), JSON.stringify({
    v: 1,
    tokens: (['viewer', 'scientist', 'approver'] as const).map((role) => ({ token: TOKENS[role], principal: principal(role, role) })),
  }));
  await freshDatabase(join(home, 'db'), metadata);
  const settings = Settings.parse({ METTLE_HOME: home, METTLE_LOG_LEVEL: 'silent' });
  // Nothing listens on the discard port, and nothing is tried again: calls fail as they do while Temporal is away.
  const client = temporal ?? new Client({ connection: Connection.lazy({ address: '127.0.0.1:9', interceptors: [] }) });
  const callers = createCallerFactory(appRouter);
  let open = await openPlatform({ settings, temporal: client });
  return {
    home,
    settings,
    get platform() { return open.platform; },
    get plane() { return open.plane; },
    as: (role: Role | null) => callers({ principal: role === null ? null : principal(role, role), platform: open.platform }),
    /** Closes every room and opens it again, as a restart does. */
    async reopen(): Promise<void> {
      await open.close();
      open = await openPlatform({ settings, temporal: client });
    },
    async close(): Promise<void> {
      await open.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
export type TestPlatform = Awaited<ReturnType<typeof openTestPlatform>>;
