/** Buckets of an endpoint: 0..9999, one basis point each. */
export const BUCKETS = 10_000;

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
const scramble = (k: number): number => Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);

/**
 * MurmurHash3_x86_32 (Austin Appleby, public domain) over the text's UTF-16LE bytes. Not cryptographic: it spreads
 * units over buckets, half a microsecond each, the same in every process and language.
 * @param seed an unsigned 32-bit integer
 * @returns an unsigned 32-bit integer
 */
export function murmur3(text: string, seed: number): number {
  let h = seed | 0;
  const pairs = text.length >> 1;
  for (let i = 0; i < pairs; i++) {
    h ^= scramble(text.charCodeAt(2 * i) | (text.charCodeAt(2 * i + 1) << 16));
    h = (Math.imul(rotate(h, 13), 5) + 0xe6546b64) | 0;
  }
  if (text.length & 1) h ^= scramble(text.charCodeAt(text.length - 1));
  h ^= text.length * 2;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The bucket of a unit, 0..9999: a pure function of (salt, unit), so it depends on nothing that arrived before, and a
 * new salt deals all units anew. 2^32 mod 10,000 leaves a bias below 3e-6 of a bucket's share.
 */
export function bucketOf(salt: string, unit: string): number {
  return murmur3(unit, murmur3(salt, 0)) % BUCKETS;
}
