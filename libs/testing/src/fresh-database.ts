import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CACHE = join(ROOT, '.cache/test-databases');

/** `@mettle/metadata-db`: how a database in a folder is opened, and the folder of what brings its schema up to date. */
interface Metadata {
  readonly openMetadataDb: (folder: string) => Promise<{ close(): Promise<void> }>;
  readonly MIGRATIONS_FOLDER: string;
}

/**
 * Puts an empty, migrated PGlite database into `folder`: a copy of one that is made once, because making one costs two
 * seconds of a core and copying it a tenth of that. @returns `folder`
 */
export async function freshDatabase(folder: string, { openMetadataDb, MIGRATIONS_FOLDER }: Metadata): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(MIGRATIONS_FOLDER)).filter((one) => one.endsWith('.sql')).sort()) hash.update(await readFile(join(MIGRATIONS_FOLDER, name)));
  // The files belong to the version of PGlite that is locked.
  hash.update(await readFile(join(ROOT, 'package-lock.json')));
  const made = join(CACHE, hash.digest('hex').slice(0, 16));
  const copied = await cp(made, folder, { recursive: true }).then(() => true, (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? false : Promise.reject(error)));
  if (copied) return folder;
  const draft = `${made}.${process.pid}`;
  await mkdir(dirname(draft), { recursive: true });
  await (await openMetadataDb(draft)).close();
  // Another process may have been first: its database is as good.
  await rename(draft, made).catch(() => rm(draft, { recursive: true, force: true }));
  await cp(made, folder, { recursive: true });
  return folder;
}
