import { canonicalJson, MettleError } from '@mettle/contracts';
import type { BlobStore, Parser } from './store.ts';

/** The record half of a store, over its bytes half. */
export function jsonOver(bytes: Pick<BlobStore, 'get' | 'put'>): Pick<BlobStore, 'getJson' | 'putJson'> {
  return {
    putJson: (value) => bytes.put(Buffer.from(canonicalJson(value), 'utf8')),
    async getJson<T>(hash: string, schema: Parser<T>): Promise<T> {
      const content = await bytes.get(hash);
      try {
        return schema.parse(JSON.parse(content.toString('utf8')));
      } catch (cause) {
        throw new MettleError('INVALID_INPUT', `blob ${hash} is not a record of the expected kind`, { hash, reason: String(cause).slice(0, 500) }, { cause });
      }
    },
  };
}
