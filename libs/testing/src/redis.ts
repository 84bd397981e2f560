import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { serverProcess, startOver, type OwnServer } from './server-process.ts';

/** A real Redis of a test's own. */
export interface TestRedis extends OwnServer {
  /** `redis://` */
  readonly url: string;
  /** Its append-only files; removed while it is down, it starts without its data. */
  readonly folder: string;
}

/**
 * Starts the system's redis-server on a free port of the loopback address, with an append-only file in a temporary folder.
 * @param flags instead of those that suit a test of its own
 */
export async function startRedis(flags: readonly string[] = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'no']): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'mettle-redis-'));
  const port = await freePort();
  const server = serverProcess(
    'redis-server',
    ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...flags],
    port,
    'on Debian: apt-get install redis-server',
  );
  return { ...(await startOver(folder, server)), url: `redis://127.0.0.1:${port}/0`, folder };
}
