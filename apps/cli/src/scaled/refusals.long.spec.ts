import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, openTemporal, startObjectServer, startPostgres } from '@mettle/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../up/settings.ts';

const TOKEN = 'a token of sixteen'.replaceAll(' ', '-');
const SECRET = 'a-secret-that-is-never-printed';
const folder = mkdtempSync(join(tmpdir(), 'mettle-refusals-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
let homes = 0;

interface Ended {
  readonly code: number | null;
  /** Without what Node warns of. */
  readonly said: string;
}

const GOES_ON_MS = 60_000;

/** Runs an app's process as a container does until it ends, or until it says something of `until`. */
async function run(app: string, environment: Readonly<Record<string, string | undefined>>, until?: RegExp): Promise<Ended> {
  const env = { PATH: process.env['PATH'], METTLE_HOME: join(folder, `home-${(homes += 1)}`), METTLE_TOKEN_FILE: file('token', TOKEN), METTLE_PATIENCE: '0.2', ...environment };
  const child = spawn(process.execPath, ['--no-warnings', join(ROOT, 'apps', app, 'dist/main.js')], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => {
    said += text.toString();
    if (until?.test(said) === true) child.kill('SIGTERM');
  });
  // One that goes on has not refused.
  const impatient = setTimeout(() => child.kill('SIGKILL'), GOES_ON_MS);
  const code = await new Promise<number | null>((resolve) => child.once('close', (exit) => resolve(exit)));
  clearTimeout(impatient);
  return { code, said };
}

/** One sentence, what to do, exit code 1; neither a stack nor a secret. */
function expectRefusal({ code, said }: Ended, error: string, ...words: string[]): void {
  const lines = said.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  expect(lines[0]).toMatch(new RegExp(`^error ${error}: `));
  for (const word of words) expect(lines[0]).toContain(word);
  expect(lines[1]).toMatch(error === 'PORT_IN_USE' ? /^ {2}stop the holder/ : /^ {2}(start what does not answer, or )?correct [A-Z_*]+/);
  expect(lines).toHaveLength(2);
  expect(said).not.toMatch(/^\s+at .*:\d+/m);
  expect(said).not.toContain(SECRET);
  expect(code).toBe(1);
}

/** Nothing listens on the discard port. */
const NOWHERE = '127.0.0.1:9';

describe('a process that stands alone says in one sentence why it cannot start', { concurrent: true }, () => {
  let database: string;
  let temporal: Awaited<ReturnType<typeof openTemporal>>;
  let objects: Awaited<ReturnType<typeof startObjectServer>>;
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  /** A gateway that knows another token. */
  const stranger = createServer((_request, response) => response.writeHead(401).end('{}'));
  let strangerUrl: string;
  beforeAll(async () => {
    [postgres, temporal, objects] = await Promise.all([startPostgres(), openTemporal(), startObjectServer(SECRET)]);
    database = await postgres.createDatabase('mettle');
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    stranger.close();
    await Promise.all([postgres?.stop(), temporal?.teardown(), objects?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const APPS = ['gateway', 'inference-server', 'lifecycle-worker', 'compute-worker'] as const;
  /** What lets each get as far as what is wrong. */
  const around = (): Record<string, string> => ({ METTLE_DATABASE_URL: database, TEMPORAL_ADDRESS: temporal.address });
  let databases = 0;
  /** With a database that no other gateway has put its logs beside. */
  const fresh = async (): Promise<Record<string, string>> => ({ ...around(), METTLE_DATABASE_URL: await postgres.createDatabase(`fresh-${(databases += 1)}`) });
  const s3 = (more: Record<string, string> = {}): Record<string, string> => ({ METTLE_BLOB_URL: 's3://mettle/blobs', AWS_ENDPOINT_URL_S3: `http://${NOWHERE}`, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'mettle', AWS_SECRET_ACCESS_KEY: SECRET, ...more });

  describe.each(APPS)('%s', (app) => {
    it('with a port that is none', async () => {
      expectRefusal(await run(app, { ...around(), METTLE_GATEWAY_PORT: '70000' }), 'INVALID_INPUT', 'METTLE_GATEWAY_PORT', '70000');
    });
    it('with a home that cannot be made', async () => {
      expectRefusal(await run(app, { ...around(), METTLE_HOME: join(file('no-folder', ''), 'home') }), 'INVALID_INPUT', 'METTLE_HOME', 'ENOTDIR');
    });
    it('with an S3 store that does not answer', async () => {
      expectRefusal(await run(app, { ...around(), ...s3() }), 'UNAVAILABLE', NOWHERE, 'bucket mettle');
    });
  });

  it('compute-worker with an S3 store that refuses it, has no such bucket, or is none', async () => {
    const refused = (more: Record<string, string>) => run('compute-worker', { ...around(), ...s3({ ...objects.env, ...more }) });
    expectRefusal(await refused({ AWS_SECRET_ACCESS_KEY: 'another' }), 'UNAVAILABLE', 'credentials', 'AWS_SECRET_ACCESS_KEY');
    expectRefusal(await refused({ METTLE_BLOB_URL: 's3://no-such-bucket' }), 'UNAVAILABLE', 'METTLE_BLOB_URL');
    expectRefusal(await refused({ METTLE_BLOB_URL: 'ftp://x' }), 'INVALID_INPUT', 'METTLE_BLOB_URL');
  });

  describe.each(['gateway', 'inference-server', 'lifecycle-worker'] as const)('%s', (app) => {
    it('with a token file that is missing', async () => {
      expectRefusal(await run(app, { ...around(), METTLE_TOKEN_FILE: join(folder, 'nothing') }), 'UNAUTHENTICATED', 'METTLE_TOKEN_FILE', join(folder, 'nothing'));
    });
    it('with a file that holds no token', async () => {
      expectRefusal(await run(app, { ...around(), METTLE_TOKEN_FILE: file('short', 'short') }), '(UNAUTHENTICATED|INVALID_INPUT)', 'no token of at least 16');
    });
  });

  describe.each(['inference-server', 'lifecycle-worker'] as const)('%s', (app) => {
    it('with a token that the gateway refuses, or an address that is none', async () => {
      expectRefusal(await run(app, { ...around(), METTLE_GATEWAY_URL: strangerUrl }), 'UNAUTHENTICATED', strangerUrl, 'METTLE_TOKEN_FILE');
      expectRefusal(await run(app, { ...around(), METTLE_GATEWAY_URL: 'gateway:7410' }), 'INVALID_INPUT', 'METTLE_GATEWAY_URL');
    });
  });

  describe.each(['gateway', 'lifecycle-worker'] as const)('%s', (app) => {
    it('with a database that does not answer', async () => {
      expectRefusal(await run(app, { ...around(), METTLE_DATABASE_URL: `postgres://mettle:${SECRET}@${NOWHERE}/mettle` }), 'UNAVAILABLE', `${NOWHERE}/mettle`, 'METTLE_DATABASE_URL', 'ECONNREFUSED');
    });
  });

  it('lifecycle-worker with a database that refuses it, is not there, or is none', async () => {
    const refused = (url: string) => run('lifecycle-worker', { ...around(), METTLE_DATABASE_URL: url });
    const { host } = new URL(database);
    expectRefusal(await refused(`postgres://postgres:${SECRET}@${host}/mettle`), 'INVALID_INPUT', host, 'METTLE_DATABASE_URL', 'password authentication failed');
    expectRefusal(await refused(`${database}s`), 'INVALID_INPUT', 'mettles', 'does not exist');
    expectRefusal(await refused(`mysql://mettle:${SECRET}@db/mettle`), 'INVALID_INPUT', 'METTLE_DATABASE_URL');
  });

  describe.each(['gateway', 'inference-server'] as const)('%s', (app) => {
    it('with a port in use, a host of another machine, and without a token off loopback', async () => {
      const holder = createTcpServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => holder.once('listening', resolve));
      const port = String((holder.address() as AddressInfo).port);
      expectRefusal(await run(app, { ...(await fresh()), METTLE_GATEWAY_PORT: port, METTLE_INFERENCE_PORT: port }), 'PORT_IN_USE', port);
      holder.close();
      expectRefusal(await run(app, { ...(await fresh()), METTLE_HOST: '192.0.2.1' }), 'INVALID_INPUT', 'METTLE_HOST', '192.0.2.1');
      expectRefusal(await run(app, { ...around(), METTLE_HOST: '0.0.0.0', METTLE_TOKEN_FILE: undefined }), '(UNAUTHENTICATED|FORBIDDEN)', 'METTLE_TOKEN_FILE');
    });
    it('with a Redis that does not answer, or is none', async () => {
      const ports = { ...(await fresh()), METTLE_GATEWAY_PORT: String(await freePort()), METTLE_INFERENCE_PORT: String(await freePort()) };
      expectRefusal(await run(app, { ...ports, METTLE_ONLINE_STORE_URL: `redis://mettle:${SECRET}@${NOWHERE}/0` }), 'UNAVAILABLE', NOWHERE, 'METTLE_ONLINE_STORE_URL', 'ECONNREFUSED');
      expectRefusal(await run(app, { ...ports, ...(await fresh()), METTLE_ONLINE_STORE_URL: 'http://redis' }), 'INVALID_INPUT', 'METTLE_ONLINE_STORE_URL');
    });
  });

  describe.each(['compute-worker', 'lifecycle-worker'] as const)('%s', (app) => {
    it('with a Temporal that does not answer, an address that is none, or a namespace that it lacks', async () => {
      expectRefusal(await run(app, { ...around(), TEMPORAL_ADDRESS: NOWHERE }), 'UNAVAILABLE', NOWHERE, 'TEMPORAL_ADDRESS');
      expectRefusal(await run(app, { ...around(), TEMPORAL_ADDRESS: 'temporal' }), 'INVALID_INPUT', 'TEMPORAL_ADDRESS');
      expectRefusal(await run(app, { ...around(), TEMPORAL_NAMESPACE: 'nobodys' }), 'UNAVAILABLE', 'nobodys', 'TEMPORAL_NAMESPACE');
    });
  });

  it('lifecycle-worker without the variable that it needs', async () => {
    expectRefusal(await run('lifecycle-worker', { TEMPORAL_ADDRESS: temporal.address }), 'INVALID_INPUT', 'METTLE_DATABASE_URL is not set');
  });
  it('compute-worker with trainers that cannot be read', async () => {
    expectRefusal(await run('compute-worker', { ...around(), METTLE_TRAINERS: join(folder, 'nothing') }), 'INVALID_INPUT', 'METTLE_TRAINERS');
  });
  it('gateway goes on without Temporal, which pushes do not need, and says so', async () => {
    const ended = await run('gateway', { ...(await fresh()), TEMPORAL_ADDRESS: NOWHERE, METTLE_GATEWAY_PORT: String(await freePort()) }, /no workflow runs here: Temporal at 127\.0\.0\.1:9 \(TEMPORAL_ADDRESS\) does not answer/);
    expect(ended.code).toBe(0);
    expect(ended.said).not.toMatch(/^\s+at .*:\d+/m);
  });
});
