import type { Task, TimeUs, Value } from '@mettle/contracts';

/** What a trainer is told, without the folder, which is a new one for each attempt. */
export interface TrainerSpec {
  /** Parquet files of the vectors (prediction_id, at, f_<feature>...), in order. */
  readonly partitions: readonly string[];
  /** Parquet file (prediction_id, label), row-aligned with the partitions' concatenation. */
  readonly labels: string;
  readonly features: readonly { readonly name: string; readonly type: 'float64' | 'int64' | 'bool' | 'string'; readonly category: boolean }[];
  readonly parameters: Readonly<Record<string, Value>>;
  readonly seed: number;
  readonly task: Task;
  /** How many classes a multiclass task has, numbered from 0; null for other tasks. */
  readonly classes: number | null;
  /** Rows whose T is at or after it are the holdout. */
  readonly holdoutFrom: TimeUs;
  readonly threads: number;
}
