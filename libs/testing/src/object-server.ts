import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { serverProcess, startOver, type OwnServer } from './server-process.ts';

/** A real S3-compatible server of a test's own, with one bucket. */
export interface TestObjectServer extends OwnServer {
  readonly bucket: string;
  /** The bucket's folder: an object is a file at its key. */
  readonly folder: string;
  /** The AWS variables that a client of it needs. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts versitygw, which the bootstrap builds from its Go module, over a temporary folder.
 * @param secret of the access key `mettle`
 */
export async function startObjectServer(secret = randomBytes(12).toString('hex')): Promise<TestObjectServer> {
  const built = join(process.env['METTLE_CACHE'] ?? join(homedir(), '.cache', 'mettle'), 'bin', 'versitygw');
  const root = await mkdtemp(join(tmpdir(), 'mettle-objects-'));
  const [data, sidecar, bucket] = [join(root, 'data'), join(root, 'sidecar'), 'mettle'];
  await mkdir(join(data, bucket), { recursive: true });
  await mkdir(sidecar);
  const port = await freePort();
  const access = 'mettle';
  const server = serverProcess(
    existsSync(built) ? built : 'versitygw',
    ['--access', access, '--secret', secret, '--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', sidecar, data],
    port,
    'node tools/bootstrap/main.mjs test builds it',
  );
  return {
    ...(await startOver(root, server)),
    bucket,
    folder: join(data, bucket),
    env: { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret },
  };
}
