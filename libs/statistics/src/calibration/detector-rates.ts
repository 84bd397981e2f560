/** A stream that detectors were run on, and where each alarmed. */
export interface JudgedStream {
  readonly length: number;
  /** Row at which the change begins, null for none. */
  readonly change: number | null;
  /** Rows of the alarms, ascending. */
  readonly alarms: readonly number[];
}

/** A mean over streams with one standard error over them, null of a single stream. */
export interface StreamMean {
  readonly mean: number;
  readonly standardError: number | null;
}

/** Alarms per 100,000 rows of streams without a change, with at least the error of one alarm; null without a stream. */
export function falseAlarmsPer100k(streams: readonly JudgedStream[]): StreamMean | null {
  const unchanged = streams.filter(({ change }) => change === null);
  const of = meanOf(unchanged.map(({ length, alarms }) => (100_000 * alarms.length) / length));
  return of === null ? null : { mean: of.mean, standardError: Math.max(of.standardError ?? 0, 100_000 / unchanged.reduce((sum, { length }) => sum + length, 0)) };
}

/** Rows from a change to the first alarm after it, over the streams that have one, and how many of all. */
export function detectionDelay(streams: readonly JudgedStream[]): { readonly delay: StreamMean | null; readonly detected: number; readonly of: number } {
  const changed = streams.flatMap(({ change, alarms }) => (change === null ? [] : [{ change, alarms }]));
  const delays = changed.flatMap(({ change, alarms }) => alarms.filter((at) => at >= change).slice(0, 1).map((at) => at - change));
  return { delay: meanOf(delays), detected: delays.length, of: changed.length };
}

function meanOf(values: readonly number[]): StreamMean | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1) / values.length) };
}

/** Bits of packed bytes, most significant first, as numpy.packbits packs them. */
export function unpackBits(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => ((bytes[at >>> 3] as number) >>> (7 - (at & 7))) & 1);
}
