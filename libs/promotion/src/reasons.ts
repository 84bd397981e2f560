import type { Numbers, Reason } from '@mettle/contracts';
import { day, millis, share, text } from './figures.ts';
import { LIFECYCLE_SENTENCES } from './lifecycle-reasons.ts';

type Sentence = (n: Numbers, subject: string) => string;

/** Every reason that `decide` may give. A code may carry its subject after a colon: `SEGMENT_HARMED:origin=JFK`. */
const SENTENCES = {
  // pass
  NON_INFERIOR: (n) => `The loss difference is below ${text(n.upper)}, within the margin of ${text(n.margin)}.`,
  SUPERIOR: (n) => `The candidate is better: the loss difference is below ${text(n.upper)}.`,
  NO_HARM: (n) => `Nothing harmful was seen in ${day(n.elapsed)} of this phase.`,
  // fail
  HARM: (n) => `The candidate is worse: the loss difference is above ${text(n.lower)}, beyond the margin of ${text(n.margin)}.`,
  GUARDRAIL_HARMED: (n, s) => `The candidate is worse on ${s}: the difference is above ${text(n.lower)}, beyond the margin of ${text(n.margin)}.`,
  SEGMENT_HARMED: (n, s) => `The candidate is worse where ${s}: the difference is above ${text(n.lower)}, beyond the margin of ${text(n.margin)}.`,
  SERVICE_HARMED: (n) => `The challenger fails more often: in ${share(n.challenger)} of its requests against ${share(n.champion)} (evidence ${text(n.eValue)}).`,
  SERVICE_SLOWED: (n) => `The challenger is slow more often: ${share(n.challenger)} of its requests took over ${millis(n.slowAfter)}, against ${share(n.champion)} (evidence ${text(n.eValue)}).`,
  // undetermined
  NO_DATA: () => 'There is no row that both versions scored and whose label is mature.',
  NO_PREDICTIONS: (n) => `An arm has no mature prediction (champion ${text(n.champion)}, candidate ${text(n.candidate)}).`,
  NO_EXPOSURES: () => 'No entity was exposed to the live split yet.',
  TOO_EARLY: (n) => `The phase ran for ${day(n.elapsed)} of mature time and must run for ${day(n.minimum)}.`,
  TOO_FEW_SLOTS: (n) => `There are ${text(n.slots)} slots of evidence and ${text(n.needed)} are needed; ${awaited(n)}.`,
  NOT_YET_NON_INFERIOR: (n) => `The loss difference may be as large as ${text(n.upper)}, beyond the margin of ${text(n.margin)}; ${awaited(n)}.`,
  NOT_YET_SUPERIOR: (n) => `The loss difference is ${text(n.estimate)} and may be as large as ${text(n.upper)}, so the candidate is not shown to be better; ${awaited(n)}.`,
  LOW_COVERAGE: (n) => `Too few labels arrived: ${share(n.champion)} of the champion's rows and ${share(n.candidate)} of the candidate's, where ${share(n.minimum)} is required.`,
  COVERAGE_GAP: (n) => `Labels cover the arms differently: ${share(n.champion)} against ${share(n.candidate)}, more than ${share(n.maximum)} apart.`,
  SAMPLE_RATIO_MISMATCH: (n) => `The split is not the planned one: ${text(n.champion)} entities against ${text(n.challenger)} at a planned share of ${share(n.planned)} (evidence ${text(n.eValue)}).`,
  GUARDRAIL_UNKNOWN: (n, s) => `${s} is not settled: the difference may be as large as ${text(n.upper)}, the margin is ${text(n.margin)} and there are ${text(n.slots)} slots of ${text(n.needed)}; ${awaited(n)}.`,
  SEGMENT_UNKNOWN: (n, s) => `Where ${s}, non-inferiority is not settled: the difference may be as large as ${text(n.upper)}, the margin is ${text(n.margin)} and there are ${text(n.slots)} slots of ${text(n.needed)}; ${awaited(n)}.`,
  SEGMENT_MISSING: (_, s) => `The policy asks for the segments of ${s}, and no row was measured by it.`,
  SEGMENT_IMMATERIAL: (n, s) => `Where ${s}, there are only ${text(n.rows)} rows (${share(n.share)}): too few to judge, and too few to matter for the whole.`,
  RULE_NOT_ADMITTED: (n) => `On this history the rule would promote an equal candidate in ${share(n.rate)} of cases (blocks of ${text(n.blockDays)} days), above ${share(n.limit)}.`,
  HORIZON_ENDED: (n) => `The phase ended undecided after ${day(n.elapsed)}.`,
} satisfies Record<string, Sentence>;

const awaited = (n: Numbers): string =>
  n.days === null || n.days === undefined ? 'no number of days within the horizon will settle it at this noise' : `about ${text(Math.ceil(n.days))} more days settle it at this traffic and noise`;

export type ReasonCode = keyof typeof SENTENCES;
export type LifecycleReasonCode = keyof typeof LIFECYCLE_SENTENCES;
export const REASON_CODES: readonly ReasonCode[] = Object.keys(SENTENCES) as ReasonCode[];

/** Makes a reason; `subject` names the metric or segment that it is about. */
export const reasonOf = (code: ReasonCode | LifecycleReasonCode, numbers: Numbers = {}, subject?: string): Reason => ({ code: subject === undefined ? code : `${code}:${subject}`, numbers: { ...numbers } });

const ALL_SENTENCES: Readonly<Record<string, Sentence>> = { ...SENTENCES, ...LIFECYCLE_SENTENCES };

/** One plain sentence for a reason; an unknown code (an error's) is told with its numbers. */
export function renderReason(reason: Reason): string {
  const colon = reason.code.indexOf(':');
  const code = colon < 0 ? reason.code : reason.code.slice(0, colon);
  const sentence = ALL_SENTENCES[code];
  const subject = colon < 0 ? '' : reason.code.slice(colon + 1);
  if (sentence !== undefined) return sentence(reason.numbers, subject);
  const numbers = Object.entries(reason.numbers).map(([name, value]) => `${name} ${text(value)}`);
  return `${reason.code}${numbers.length > 0 ? ` (${numbers.join(', ')})` : ''}.`;
}
