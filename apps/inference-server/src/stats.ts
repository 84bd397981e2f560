import type { Arm } from '@mettle/contracts';

/** Counts since the start, and latency over the last requests. */
export interface Stats {
  served(rows: number, latencyUs: number): void;
  beside(rows: number): void;
  failed(arm: Arm, rows: number): void;
  read(): { requests: number; rows: number; beside: number; errors: Record<Arm, number>; latencyUs: { p50: number | null; p99: number | null } };
}

const WINDOW = 4_096;

export function createStats(): Stats {
  const latencies = new Float64Array(WINDOW);
  const errors: Record<Arm, number> = { champion: 0, challenger: 0, shadow: 0 };
  let requests = 0;
  let rows = 0;
  let besides = 0;
  const quantile = (sorted: Float64Array, q: number): number | null => (sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!);
  return {
    served(count, latencyUs) {
      latencies[requests % WINDOW] = latencyUs;
      requests += 1;
      rows += count;
    },
    beside: (count) => void (besides += count),
    failed: (arm, count) => void (errors[arm] += count),
    read() {
      const sorted = latencies.slice(0, Math.min(requests, WINDOW)).sort();
      return { requests, rows, beside: besides, errors: { ...errors }, latencyUs: { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) } };
    },
  };
}
