import { describe, expect, it } from 'vitest';
import { canonicalJson, hashBytes, hashOf } from './hash.ts';

describe('content addresses', () => {
  it('canonical JSON is that of RFC 8785: keys by UTF-16 code units, numbers as ECMAScript writes them', () => {
    // The sorting example of RFC 8785, section 3.2.3, and numbers of its appendix B.
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 })).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}');
    expect(canonicalJson([333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0])).toBe('[333333333.3333333,1e+30,4.5,0.002,1e-27,0]');
  });

  it('hashes are SHA-256, in hex, of the UTF-8 bytes', () => {
    expect(hashBytes('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashOf({ b: 1, a: 'é' })).toBe(hashBytes('{"a":"é","b":1}'));
    expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
  });

  it('what JSON cannot carry has no address', () => {
    expect(() => hashOf(undefined)).toThrow(TypeError);
    expect(() => hashOf({ a: Number.NaN })).toThrow();
  });
});
