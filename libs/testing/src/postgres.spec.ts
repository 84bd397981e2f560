import pg from 'pg';
import { expect, it } from 'vitest';
import { startPostgres } from './postgres.ts';

it('starts a real server, makes databases, and leaves nothing running', async () => {
  const server = await startPostgres();
  const url = await server.createDatabase('first');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string; major: number }>(`select current_database() as name, current_setting('server_version_num')::int / 10000 as major`);
  expect(rows).toEqual([{ name: 'first', major: 18 }]);
  await client.end();
  await server.stop();
  await expect(new pg.Client({ connectionString: url }).connect()).rejects.toThrow('ECONNREFUSED');
});
