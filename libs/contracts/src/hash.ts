import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalizeModule from 'canonicalize';

const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/**
 * RFC 8785 canonical JSON.
 * @throws TypeError for a value that JSON cannot carry (undefined, NaN, infinity, bigint)
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return text;
}

/** Hex SHA-256 of bytes or of a string's UTF-8. */
export function hashBytes(bytes: Uint8Array | string): string {
  return bytesToHex(sha256(typeof bytes === 'string' ? utf8ToBytes(bytes) : bytes));
}

/** Hex SHA-256 of the RFC 8785 form: the content address of a record. */
export function hashOf(value: unknown): string {
  return hashBytes(canonicalJson(value));
}
