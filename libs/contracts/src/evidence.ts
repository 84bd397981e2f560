import { z } from 'zod';
import { Hash, Range, TimeUs, Verdict } from './value.ts';
import { Phase, VersionRef } from './version.ts';

/** What one rule saw: an estimate of candidate minus champion (a loss: below zero is better), its bounds, and the verdict. */
export const Effect = z.object({
  role: z.enum(['success', 'guardrail', 'segment', 'harm']),
  metric: z.string(),
  segment: z.string().nullable(),
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  alpha: z.number(),
  eValue: z.number().nullable(),
  margin: z.number(),
  slots: z.int(),
  rows: z.int(),
  designEffect: z.number().nullable(),
  verdict: Verdict,
});
export type Effect = z.infer<typeof Effect>;

/** One slot's sufficient sums for a paired comparison; losses oriented so that lower is better. */
export const SlotSums = z.object({
  /** Start of the slot. */
  at: TimeUs,
  rows: z.int(),
  /** Sum over rows of (candidate loss - champion loss). */
  sum: z.number(),
  champion: z.number(),
  candidate: z.number(),
});
export type SlotSums = z.infer<typeof SlotSums>;

/** A slot of an earlier comparison, centred: its sum lost that comparison's row-weighted mean. */
export const PastSlot = SlotSums.pick({ at: true, rows: true, sum: true });
export type PastSlot = z.infer<typeof PastSlot>;

/** Ordered slots of one metric in one segment (`null`: all rows). */
export const SlotSeries = z.object({ metric: z.string(), segment: z.string().nullable(), slots: z.array(SlotSums) });
export type SlotSeries = z.infer<typeof SlotSeries>;

export const Coverage = z.object({ predictions: z.int(), labels: z.int(), dropped: z.int() });
export type Coverage = z.infer<typeof Coverage>;

/**
 * One arm's service in the live split, by request and not by row: rows of one request share its fate. A request counts
 * for each assigned arm of its rows; it erred when one of them failed or fell back, and was slow when one took longer
 * than the policy's `slowAfter` (null: not asked).
 */
export const Served = z.object({ requests: z.int(), errors: z.int(), slow: z.int().nullable().default(null) });
export type Served = z.infer<typeof Served>;

/**
 * What a paired comparison measured, before any rule: the input of `decide`. Cohorts are by T and mature at the watermark.
 * `exposures` counts first exposures per sticky entity and assigned arm since the challenge began (ordered by day).
 */
export const Measured = z.object({
  v: z.literal(1),
  phase: Phase,
  champion: VersionRef,
  candidate: VersionRef,
  cohort: Range,
  watermark: TimeUs,
  segments: Hash,
  series: z.array(SlotSeries),
  coverage: z.object({ champion: Coverage, candidate: Coverage }),
  exposures: z.array(z.object({ champion: z.int(), challenger: z.int() })).nullable(),
  service: z.object({ champion: Served, challenger: Served }).nullable(),
  /**
   * Slots of the success metric from comparisons of this endpoint before the cohort, ordered, each comparison centred on
   * itself and turned so that the fresher model of its pair stands where the fresher of this one does: what a short shadow
   * has not seen, above all rare bad hours.
   */
  past: z.array(PastSlot).default([]),
});
export type Measured = z.infer<typeof Measured>;

export const Evidence = z.object({
  v: z.literal(1),
  policy: Hash,
  phase: Phase,
  champion: VersionRef,
  candidate: VersionRef,
  cohort: Range,
  watermark: TimeUs,
  segments: Hash,
  effects: z.array(Effect),
  coverage: z.object({ champion: Coverage, candidate: Coverage }),
  mismatch: z.object({ eValue: z.number(), counts: z.array(z.int()) }).nullable(),
  /** Blob of the Measured record: everything the rule used, so that the decision can be made again. */
  state: Hash,
});
export type Evidence = z.infer<typeof Evidence>;
