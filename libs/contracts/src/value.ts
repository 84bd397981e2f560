import { z } from 'zod';

/** A scalar or nested list that crosses a boundary. Missing is `null`; NaN, infinities, Date and bigint never travel. int64 beyond 2^53 and decimals are strings, by schema. */
export type Value = boolean | number | string | null | readonly Value[];
export const Value: z.ZodType<Value, Value> = z.lazy(() =>
  z.union([z.boolean(), z.number(), z.string(), z.null(), z.array(Value)]),
);

/** A name: a letter, then letters, digits, `_` or `-`; at most 128 characters. */
export const Name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,127}$/, 'a name is a letter, then letters, digits, _ or -');
export type Name = z.infer<typeof Name>;

/** Integer microseconds since 1970 UTC. */
export const TimeUs = z.int();
export type TimeUs = z.infer<typeof TimeUs>;

/** Integer microseconds. */
export const DurationUs = z.int();
export type DurationUs = z.infer<typeof DurationUs>;

/** Basis points: 10,000 is all. */
export const Bp = z.int().min(0).max(10_000);
export type Bp = z.infer<typeof Bp>;

/** Lower-case hex SHA-256. */
export const Hash = z.string().regex(/^[0-9a-f]{64}$/, 'a hash is 64 lower-case hex digits');
export type Hash = z.infer<typeof Hash>;

/** Entity key values by key name, e.g. `{ origin: 'JFK' }`. */
export const Keys = z.record(z.string(), z.union([z.string(), z.number()]));
export type Keys = Readonly<Record<string, string | number>>;

/** Numbers by name; `null` says that the number could not be had. */
export const Numbers = z.record(z.string(), z.number().nullable());
export type Numbers = Readonly<Record<string, number | null>>;

/** Half-open: [from, to). */
export const Range = z.object({ from: TimeUs, to: TimeUs });
export type Range = z.infer<typeof Range>;

export const Verdict = z.enum(['pass', 'fail', 'undetermined']);
export type Verdict = z.infer<typeof Verdict>;

/** A code with the numbers that explain it; `text` functions render it as one plain sentence. */
export const Reason = z.object({ code: z.string(), numbers: Numbers });
export type Reason = z.infer<typeof Reason>;
