import { describe, expect, it } from 'vitest';
import { hashOf, type MetricValue, type ParityReport } from '@mettle/contracts';
import { findings } from './qualification.ts';

const value = (of: number): MetricValue => ({ value: of, standardError: null, rows: 10 });
const parity: ParityReport = { verdict: 'pass', rows: 10, mismatches: 0, report: hashOf('report') };
const codes = (recomputed: Record<string, number>, reported: Record<string, number>, bounds: { metric: string; atMost: number | null; atLeast: number | null }[] = []): string[] =>
  findings(
    { offline: { bounds, reportedTolerance: 1e-4 } },
    { signature: { inputs: [], outputs: [] }, training: {}, holdout: Object.fromEntries(Object.entries(recomputed).map(([name, of]) => [name, value(of)])), smoke: { rows: 1, finite: true, p50Us: 1 } },
    { training: {}, holdout: reported }, parity,
  ).map(({ code }) => code.split(':')[0] as string);

describe('what a trainer reported', () => {
  it('is held to the tolerance as it stands for shares and nats', () => {
    expect(codes({ log_loss: 0.5 }, { log_loss: 0.50009 })).toEqual([]);
    expect(codes({ log_loss: 0.5 }, { log_loss: 0.5002 })).toHaveLength(1);
  });

  it('is held to it in standard deviations of the labels for what is in the label\'s unit', () => {
    for (const scale of [1e-3, 1, 1e4]) {
      const labels = { label_deviation: 20 * scale };
      expect(codes({ ...labels, mae: 5 * scale, mse: 40 * scale ** 2, r2: 0.9 }, { mae: 5.0019 * scale, mse: 40.039 * scale ** 2, r2: 0.9 })).toEqual([]);
      expect(codes({ ...labels, mae: 5 * scale }, { mae: 5.0021 * scale })).toHaveLength(1);
      expect(codes({ ...labels, mse: 40 * scale ** 2 }, { mse: 40.041 * scale ** 2 })).toHaveLength(1);
      expect(codes({ ...labels, r2: 0.9 }, { r2: 0.9002 })).toHaveLength(1);
    }
  });
});
