import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketOf, murmur3 } from './bucket.ts';

/** A string whose UTF-16LE bytes are the ASCII text. */
const asBytes = (text: string): string => {
  let packed = '';
  for (let i = 0; i < text.length; i += 2) packed += String.fromCharCode(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 8));
  return packed;
};

/** Pearson's chi-square of counts against equal shares. */
const chiSquare = (counts: readonly number[]): number => {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
};

/** Standard score of a chi-square with many degrees of freedom (Wilson-Hilferty). */
const zOf = (x: number, df: number): number => (Math.cbrt(x / df) - (1 - 2 / (9 * df))) / Math.sqrt(2 / (9 * df));

describe('murmur3', () => {
  it('gives the published vectors of MurmurHash3_x86_32', () => {
    expect(murmur3('', 0)).toBe(0);
    expect(murmur3('', 1)).toBe(0x514e28b7);
    expect(murmur3(asBytes('test'), 0)).toBe(0xba6bd213);
    expect(murmur3(asBytes('test'), 0x9747b28c)).toBe(0x704b81dc);
    expect(murmur3(asBytes('aaaa'), 0x9747b28c)).toBe(0x5a97808a);
    expect(murmur3(asBytes('ab'), 0x9747b28c)).toBe(0x74875592);
    expect(murmur3(asBytes('The quick brown fox jumps over the lazy dog.'), 0)).toBe(0xd5c48bfc);
  });
});

describe('bucketOf', () => {
  const units = {
    planes: (i: number) => `plane=N${i}`,
    flights: (i: number) => `flight=UA${i % 3000}|${Math.floor(i / 3000)}`,
    numbers: (i: number) => String(i),
  };

  it.each(Object.entries(units))('deals %s evenly over the buckets', (_name, unit) => {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (let i = 0; i < 400_000; i++) counts[bucketOf('salt-1', unit(i))]! += 1;
    expect(Math.abs(zOf(chiSquare(counts), BUCKETS - 1))).toBeLessThan(4);
  });

  it('gives a challenger its share within sampling error, whatever the salt', () => {
    for (let salt = 0; salt < 20; salt++) {
      let taken = 0;
      for (let i = 0; i < 20_000; i++) if (bucketOf(`challenge-${salt}`, units.planes(i)) < 2000) taken++;
      expect(Math.abs(taken - 4000) / Math.sqrt(20_000 * 0.2 * 0.8)).toBeLessThan(4.5);
    }
  });

  it('deals units anew under another salt, independently of the first deal', () => {
    const cells = new Array<number>(100).fill(0);
    for (let i = 0; i < 200_000; i++) cells[Math.floor(bucketOf('a', units.planes(i)) / 1000) * 10 + Math.floor(bucketOf('b', units.planes(i)) / 1000)]! += 1;
    expect(Math.abs(zOf(chiSquare(cells), 99))).toBeLessThan(4);
  });
});
