import { canonicalJson, type Keys, type Value } from '@mettle/contracts';

const present = (value: Value | undefined): value is string | number | boolean =>
  value !== undefined && value !== null && value !== '' && typeof value !== 'object';

/**
 * The unit that stays on one arm, as `key=value`: the first of `stickyKeys` that `keys` or the request columns carry
 * (`['plane', 'flight']`: the plane, or the flight where the tail number is missing: null, absent or empty). The key's name is
 * part of the unit, so a plane and a flight of the same text are two units. With none of them present the unit is all of `keys`.
 */
export function stickyUnit(stickyKeys: readonly string[], keys: Keys, request: Readonly<Record<string, Value>> = {}): string {
  for (const key of stickyKeys) {
    const value = present(keys[key]) ? keys[key] : request[key];
    if (present(value)) return `${key}=${String(value)}`;
  }
  return canonicalJson(keys);
}
