import type { Numbers } from '@mettle/contracts';
import { day, text } from './figures.ts';

const date = (value: number | null | undefined): string => (value === null || value === undefined ? 'an unknown day' : new Date(value / 1000).toISOString().slice(0, 10));
const bounds = ({ atLeast, atMost }: Numbers): string =>
  [...(atLeast === null || atLeast === undefined ? [] : [`at least ${text(atLeast)}`]), ...(atMost === null || atMost === undefined ? [] : [`at most ${text(atMost)}`])].join(' and ');

/** Reasons of a candidate's end that no measurement gives: the offline gate, other candidates, people. */
export const LIFECYCLE_SENTENCES = {
  // qualify
  PARITY_MISMATCH: (n) => `${text(n.mismatches)} of ${text(n.rows)} training rows are other bits when they are computed through the serving path.`,
  PARITY_UNPROVEN: () => 'No training row could be computed again through the serving path.',
  SMOKE_FAILED: (n) => `The file does not give a finite score for each of ${text(n.rows)} sample rows.`,
  REPORTED_METRICS_DIFFER: (n, s) => `The trainer reported a ${s} of ${text(n.reported)}, and its file gives ${text(n.recomputed)} on the same rows.`,
  OFFLINE_OUT_OF_BOUNDS: (n, s) => `The holdout's ${s} is ${text(n.value)}, and the policy asks for ${bounds(n)}.`,
  OFFLINE_UNKNOWN: (_, s) => `The holdout has no labelled row, so its ${s} is unknown.`,
  // others and people
  PLACE_TAKEN: (n) => `It passed, and another candidate was past shadow until its ${day(n.longest)} were over.`,
  NO_LOOK: () => 'The shadow ended before its first look.',
  SUPERSEDED: (n) => `The champion was trained on data through ${date(n.championTrainedThrough)}, this candidate through ${date(n.trainedThrough)}.`,
  WITHDRAWN: () => 'A decision from outside of its lifecycle moved it.',
  NOT_APPROVED: () => 'Nobody approved it within the longest time of the challenge.',
  REJECTED_BY_PERSON: () => 'A person rejected it.',
  REPLACED_BY_OPERATOR: () => 'An operator replaced it while it was baking.',
  CANCELLED: () => 'Its workflow was cancelled.',
  WORKFLOW_GONE: () => 'Its workflow was ended from outside.',
} satisfies Record<string, (numbers: Numbers, subject: string) => string>;
