import { bigint, customType } from 'drizzle-orm/pg-core';

/** A contract record as JSON text: stored as written, so that a hash over it can be made again; queried through its own columns. */
export const record = <T>(name: string) =>
  customType<{ data: T; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (text) => JSON.parse(text) as T,
  })(name);

/** Integer µs since 1970 UTC, or another integer up to 2^53. */
export const int53 = (name: string) => bigint(name, { mode: 'number' });
