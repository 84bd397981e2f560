import type { RawCell, RawPiece } from '@mettle/feature-language';

// '{mettle}:head' and '{mettle}:catalogue'; '{mettle}:<base>:<view>:b:<entity>', a hash of blocks by '<hop>/<index>';
// '{mettle}:<base>:<view>:r:<entity>', a sorted set of raw events, scored by eventTime. The braces keep all of a store on
// one node. `base` is of one life of the store: what an earlier one left is never read.
const ROOT = '{mettle}';
export const HEAD = `${ROOT}:head`;
export const CATALOGUE = `${ROOT}:catalogue`;

/** JSON text keeps apart entities that UTF-8 would not (lone surrogates). */
export const blocksKey = (base: string, view: number, entity: string): string => `${ROOT}:${base}:${view}:b:${JSON.stringify(entity)}`;
export const rawsKey = (base: string, view: number, entity: string): string => `${ROOT}:${base}:${view}:r:${JSON.stringify(entity)}`;

const DIGITS = 16;
/** Text in the order of the integers: members of equal score are ordered as text. */
const ordered = (integer: number): string =>
  integer >= 0 ? `1${String(integer).padStart(DIGITS, '0')}` : `0${String(Number.MAX_SAFE_INTEGER + integer).padStart(DIGITS, '0')}`;

export const memberOf = ({ eventTime, knownAt, sequence, eventId, cells }: RawPiece): string => `${ordered(knownAt)}${ordered(sequence)}${JSON.stringify([eventTime, knownAt, sequence, eventId, ...cells])}`;

export function rawOf(member: string): RawPiece {
  const [eventTime, knownAt, sequence, eventId, ...cells] = JSON.parse(member.slice(2 * (DIGITS + 1))) as [number, number, number, string, ...RawCell[]];
  return { eventTime, knownAt, sequence, eventId, cells };
}
