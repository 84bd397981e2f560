import type { Arm, Datatype } from '@mettle/contracts';

/** One row as answered. */
export interface AnsweredRow {
  readonly predictionId: string;
  readonly arm: Arm;
  /** `model@version` */
  readonly version: string;
  readonly fallback: boolean;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

/** An Open Inference Protocol v2 response. */
export interface InferResponse {
  readonly model_name: string;
  /** The version of the first row; `parameters.versions` has all. */
  readonly model_version: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly outputs: readonly OutputTensor[];
}

export interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: Datatype;
  /** Row-major. null where a row's version has no such number. */
  readonly data: readonly (number | null)[];
}

/**
 * Rows, perhaps served by different versions, as one response. `prediction_ids`, `arms` and `versions` are comma-joined,
 * one for each row; `fallback` says that the champion answered for a challenger that failed.
 */
export function formatInferResponse(
  { endpoint, id, epoch, rows }: { endpoint: string; id: string; epoch: number; rows: readonly AnsweredRow[] },
  datatypeOf: (output: string) => Datatype = () => 'FP32',
): InferResponse {
  const widths = new Map<string, number>();
  for (const { outputs } of rows) {
    for (const name of Object.keys(outputs)) widths.set(name, Math.max(widths.get(name) ?? 0, outputs[name]?.length ?? 0));
  }
  const joined = (of: (row: AnsweredRow) => string): string => rows.map(of).join(',');
  return {
    model_name: endpoint,
    model_version: rows[0]?.version ?? '',
    id,
    parameters: {
      prediction_ids: joined((row) => row.predictionId),
      arms: joined((row) => row.arm),
      versions: joined((row) => row.version),
      epoch,
      fallback: rows.some((row) => row.fallback),
    },
    outputs: [...widths].map(([name, width]) => ({ name, shape: [rows.length, width], datatype: datatypeOf(name), data: flat(rows, name, width) })),
  };
}

function flat(rows: readonly AnsweredRow[], name: string, width: number): (number | null)[] {
  const data: (number | null)[] = [];
  for (const { outputs } of rows) for (let i = 0; i < width; i += 1) data.push(outputs[name]?.[i] ?? null);
  return data;
}
