import type { Value } from '@mettle/contracts';

/** One value that is not what it should be. `feature` null: the whole row is missing on one side. */
export interface Mismatch {
  readonly predictionId: string;
  readonly at: number;
  readonly feature: string | null;
  /** What the file says. */
  readonly found: Value;
  /** What the replay gives. */
  readonly expected: Value;
}

export interface Comparison {
  /** Rows compared. */
  readonly rows: number;
  /** Rows of which at least one value differs. */
  readonly mismatches: number;
  /** The first 20 differing values. */
  readonly samples: Mismatch[];
}

const SAMPLES = 20;

/** Counts rows that differ in any bit. */
export function createComparison(): { row(predictionId: string, at: number, differences: readonly Omit<Mismatch, 'predictionId' | 'at'>[]): void; result(): Comparison } {
  let rows = 0;
  let mismatches = 0;
  const samples: Mismatch[] = [];
  return {
    row: (predictionId, at, differences) => {
      rows += 1;
      if (differences.length === 0) return;
      mismatches += 1;
      for (const difference of differences) if (samples.length < SAMPLES) samples.push({ predictionId, at, ...difference });
    },
    result: () => ({ rows, mismatches, samples }),
  };
}

/** The features whose values are not the same bits. */
export function differences(names: readonly string[], found: (feature: number) => Value, expected: readonly Value[]): Omit<Mismatch, 'predictionId' | 'at'>[] {
  const different: Omit<Mismatch, 'predictionId' | 'at'>[] = [];
  for (let feature = 0; feature < names.length; feature += 1) {
    const value = found(feature);
    if (!Object.is(value, expected[feature])) different.push({ feature: names[feature] as string, found: value, expected: expected[feature] as Value });
  }
  return different;
}
