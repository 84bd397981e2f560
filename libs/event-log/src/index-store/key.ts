import { createHash } from 'node:crypto';

const LONGEST = 900;

/** An index key of two parts; a long one by its hash, since an LMDB key is at most 1,978 bytes. */
export function indexKey(scope: string, id: string): string {
  const key = `${scope}\u0001${id}`;
  return key.length <= 300 || Buffer.byteLength(key) <= LONGEST ? key : `#${createHash('sha256').update(key).digest('hex')}`;
}
