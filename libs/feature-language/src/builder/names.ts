import { MettleError } from '@mettle/contracts';

/**
 * An object that answers a name it does not hold with UNKNOWN_COLUMN rather than with undefined.
 * @throws MettleError UNKNOWN_COLUMN, on access
 */
export function names<T extends object>(owner: string, members: T): T {
  return new Proxy(members, {
    get(target, name) {
      if (typeof name === 'symbol') return undefined;
      if (Object.hasOwn(target, name)) return target[name as keyof T];
      throw new MettleError('UNKNOWN_COLUMN', `${owner} has no column ${name}`, { owner, column: name, columns: Object.keys(target) });
    },
  });
}
