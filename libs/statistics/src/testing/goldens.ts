export interface Golden { readonly args: number[]; readonly value: number }

export interface Goldens {
  readonly versions: Readonly<Record<string, string>>;
  readonly distributions: Readonly<Record<string, Golden[]>>;
  readonly binned: readonly { reference: number[]; current: number[]; ks: number; psi: number }[];
  readonly benjaminiHochberg: { p: number[]; adjusted: number[] };
  readonly longRun: { values: number[]; lag: number; variance: number; slotVariance: number; autocorrelations: number[] };
  readonly sampleRatio: readonly { counts: number[]; shares: number[]; logE: number }[];
  readonly sequences: readonly { n: number; variance: number; alpha: number; tunedFor: number; twoSided: number; oneSided: number; mean: number; twoSidedE: number; oneSidedE: number }[];
}

/** Made by tools/goldens/statistics.py; the versions are in the file. */
export const parseGoldens = (text: string): Goldens => JSON.parse(text) as Goldens;

export const relativeError = (got: number, want: number): number => (got === want ? 0 : Math.abs(got - want) / Math.max(Math.abs(want), Number.MIN_VALUE));
