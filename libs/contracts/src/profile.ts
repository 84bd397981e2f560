import { z } from 'zod';
import { Hash, TimeUs, Name } from './value.ts';
import { Arm, VersionRef } from './version.ts';

/** Mergeable counts of one column. `bins[i]` counts (edges[i], edges[i+1]]; below/above the edges are underflow/overflow. */
export const ColumnProfile = z.object({
  name: z.string(),
  role: z.enum(['input', 'output', 'label']),
  segment: z.string().nullable(),
  rows: z.int(),
  nulls: z.int(),
  nans: z.int(),
  underflow: z.int(),
  overflow: z.int(),
  edges: z.array(z.number()).nullable(),
  bins: z.array(z.int()),
  categories: z.record(z.string(), z.int()).nullable(),
  /** Rows whose category the reference never saw. */
  unseen: z.int(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** Exact decimal sums as strings: [sum, sum of squares]; empty for categories. */
  sums: z.array(z.string()),
});
export type ColumnProfile = z.infer<typeof ColumnProfile>;

export const Profile = z.object({
  v: z.literal(1),
  subject: z.union([
    z.object({ endpoint: Name, version: VersionRef, arm: Arm, from: TimeUs, to: TimeUs }),
    z.object({ snapshot: Hash }),
  ]),
  columns: z.array(ColumnProfile),
});
export type Profile = z.infer<typeof Profile>;
