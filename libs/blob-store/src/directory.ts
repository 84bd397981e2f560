import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { MettleError } from '@mettle/contracts';
import { checkHash, sha256, sha256OfFile, unknownBlob, verified } from './check.ts';
import { jsonOver } from './json.ts';
import type { BlobStore, Durability } from './store.ts';

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Blobs as files `<root>/<first two digits>/<hash>`. A blob appears whole or not at all (temporary file, then rename);
 * with durability `disk` it is synced before its name exists.
 */
export function directoryStore(directory: string, durability: Durability = 'process'): BlobStore {
  const root = resolve(directory);
  const temporaries = join(root, 'tmp');
  try {
    mkdirSync(temporaries, { recursive: true });
  } catch (cause) {
    throw new MettleError('INVALID_INPUT', `no folder for blobs can be made at ${root} (METTLE_BLOB_URL): ${(cause as NodeJS.ErrnoException).code ?? ''}`, { setting: 'METTLE_BLOB_URL', path: root }, { cause });
  }
  const fileOf = (hash: string): string => join(root, checkHash(hash).slice(0, 2), hash);
  const temporary = (): string => join(temporaries, randomUUID());

  const sizeOf = async (hash: string): Promise<number | null> => {
    try {
      return (await stat(fileOf(hash))).size;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null;
      throw error;
    }
  };
  const adopt = async (from: string, hash: string): Promise<void> => {
    const target = fileOf(hash);
    if (durability === 'disk') await sync(from);
    await mkdir(dirname(target), { recursive: true });
    await rename(from, target);
    if (durability === 'disk') await sync(dirname(target));
  };

  const put = async (bytes: Uint8Array): Promise<string> => {
    const hash = sha256(bytes);
    // A blob of another size is damaged: storing the content again heals it.
    if ((await sizeOf(hash)) === bytes.length) return hash;
    const path = temporary();
    const handle = await open(path, 'wx', 0o644);
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    await adopt(path, hash);
    return hash;
  };
  const get = async (hash: string): Promise<Buffer> => {
    try {
      return verified(hash, await readFile(fileOf(hash)));
    } catch (error) {
      throw hasCode(error, 'ENOENT') ? unknownBlob(hash) : error;
    }
  };

  return {
    check: async () => void (await stat(root)),
    put,
    get,
    ...jsonOver({ put, get }),
    temporary,
    async putFile(path) {
      const found = await sha256OfFile(path);
      if ((await sizeOf(found.hash)) === found.bytes) await rm(path);
      else {
        try {
          await adopt(path, found.hash);
        } catch (error) {
          if (!hasCode(error, 'EXDEV')) throw error;
          const copy = temporary();
          await copyFile(path, copy);
          await adopt(copy, found.hash);
          await rm(path);
        }
      }
      return found;
    },
    has: async (hash) => (await sizeOf(hash)) !== null,
    async path(hash) {
      if ((await sizeOf(hash)) === null) throw unknownBlob(hash);
      return fileOf(hash);
    },
  };
}
