import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Hash, MettleError } from '@mettle/contracts';

/** Hex SHA-256 of bytes. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Hex SHA-256 and size of a file, streamed. */
export async function sha256OfFile(path: string): Promise<{ hash: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(part as Buffer);
    bytes += (part as Buffer).length;
  }
  return { hash: hash.digest('hex'), bytes };
}

/** Only a hash may become part of a path. @throws MettleError INVALID_INPUT */
export function checkHash(hash: string): string {
  if (!Hash.safeParse(hash).success) throw new MettleError('INVALID_INPUT', 'not a hash: 64 lower-case hex digits', { hash: String(hash).slice(0, 100) });
  return hash;
}

export const unknownBlob = (hash: string): MettleError => new MettleError('UNKNOWN_BLOB', `no blob ${hash}`, { hash });

/** @throws MettleError CORRUPT_BLOB when the bytes are not the content that the hash names */
export function verified(hash: string, bytes: Buffer): Buffer {
  const found = sha256(bytes);
  if (found !== hash) throw new MettleError('CORRUPT_BLOB', `blob ${hash} holds other bytes`, { hash, found, bytes: bytes.length });
  return bytes;
}
