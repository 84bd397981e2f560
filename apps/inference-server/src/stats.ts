import type { Arm, Scored } from '@mettle/contracts';

/** Counts since the start, and latency over the last requests. */
export interface Stats {
  served(scores: readonly Scored[], rows: number): void;
  beside(scores: readonly Scored[]): void;
  answered(latencyUs: number): void;
  read(): {
    /** Requests that were answered, retries included. */
    requests: number;
    /** Rows that were served and logged. */
    rows: number;
    /** Scores logged beside, errors included. */
    beside: number;
    errors: Record<Arm, number>;
    /** null: nothing was answered yet. */
    latencyUs: { p50: number | null; p99: number | null };
  };
}

const WINDOW = 4_096;

export function createStats(): Stats {
  const latencies = new Float64Array(WINDOW);
  const errors: Record<Arm, number> = { champion: 0, challenger: 0, shadow: 0 };
  let requests = 0;
  let rows = 0;
  let besides = 0;
  const count = (scores: readonly Scored[]): void => {
    for (const { arm, error } of scores) if (error !== null) errors[arm] += 1;
  };
  const quantile = (sorted: Float64Array, q: number): number | null => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null;
  return {
    served(scores, more) {
      rows += more;
      count(scores);
    },
    beside(scores) {
      besides += scores.length;
      count(scores);
    },
    answered(latencyUs) {
      latencies[requests % WINDOW] = latencyUs;
      requests += 1;
    },
    read() {
      const sorted = latencies.slice(0, Math.min(requests, WINDOW)).sort();
      return { requests, rows, beside: besides, errors: { ...errors }, latencyUs: { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) } };
    },
  };
}
