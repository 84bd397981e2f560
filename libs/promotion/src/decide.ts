import type { Measured, Numbers, Outcome, Policy, Reason, Verdict } from '@mettle/contracts';
import { DAY_US } from '@mettle/contracts';
import { coverageOf, slotAutocorrelations } from '@mettle/evaluation';
import { seedOf } from '@mettle/statistics';
import { admitRule } from './admission.ts';
import type { DecideContext } from './context.ts';
import { judgePaired, seriesOf } from './paired.ts';
import { reasonOf } from './reasons.ts';
import { judgeCoverage, judgeService, judgeSplit, mismatchOf } from './split.ts';

/**
 * May this candidate go on? Pure and deterministic: the same policy, measurement and context give the same outcome.
 *
 * - **shadow**: at whole looks after the minimum duration, on mature slots: success (refresh: non-inferior within the
 *   margin; change: superior) and every guardrail and declared segment non-inferior, coverage in order, and the rule
 *   admitted on this shadow and the comparisons before it. Harm fails at any look.
 * - **challenge**: passes after its minimum duration unless harm, a failing service, a sample-ratio mismatch or missing
 *   coverage speaks against it.
 * - **bake**: passes after its duration unless there is harm or a failing service: `fail` is the order to roll back.
 *
 * `fail` needs proof of harm, `pass` needs proof of the rule; anything else is `undetermined`, with what is missing in
 * `reasons`. `numbers.horizonEnded` is 1 when the phase's longest duration is over: then `undetermined` is final.
 */
export function decide(policy: Policy, measured: Measured, context: DecideContext): Outcome {
  const matureUntil = Math.min(measured.cohort.to, measured.watermark - policy.maturation);
  const clock = clockOf(policy, measured, context, matureUntil);
  const found = judgePaired(policy, measured, context, matureUntil, context.phase === 'shadow' && clock.looks > 0 ? clock.lookUntil : null);
  const harm: Reason[] = [...found.harm];
  const blocks: Reason[] = [];

  const slots = seriesOf(measured, policy.success.metric, null);
  if (slots.every((slot) => slot.rows === 0 || slot.at + policy.slot.width > matureUntil)) blocks.push(reasonOf('NO_DATA'));
  if (clock.elapsed < clock.minimum) blocks.push(reasonOf('TOO_EARLY', { elapsed: clock.elapsed, minimum: clock.minimum }));
  if (context.phase === 'challenge') blocks.push(...judgeSplit(policy, measured));
  if (context.phase !== 'shadow') harm.push(...judgeService(policy, measured));
  if (context.phase !== 'bake') blocks.push(...judgeCoverage(policy, measured, context.phase === 'challenge'));
  blocks.push(...found.blocks);

  const numbers = numbersOf(policy, measured, clock, found.effects[0]);
  const mismatched = blocks.some(({ code }) => code === 'SAMPLE_RATIO_MISMATCH');
  // A broken split says nothing of the arms' errors; the paired comparison does not depend on it.
  const proven = mismatched ? found.harm : harm;
  if (proven.length > 0) return outcome('fail', proven, found.effects, numbers);

  if (blocks.length === 0 && context.phase === 'shadow') {
    const admission = admitRule(slots.filter((slot) => slot.at + policy.slot.width <= matureUntil), measured.past, policy, seedOf(`${context.policyHash}/${measured.candidate.model}@${measured.candidate.version}`));
    for (const { blockDays, rate } of admission.rates) numbers[`falsePromotions${blockDays}d`] = rate;
    const worst = [...admission.rates].sort((a, b) => b.rate - a.rate)[0];
    if (!admission.admitted && worst !== undefined) blocks.push(reasonOf('RULE_NOT_ADMITTED', { rate: worst.rate, blockDays: worst.blockDays, limit: admission.limit }));
  }
  if (blocks.length === 0) {
    const good = context.phase === 'shadow' ? found.good : [reasonOf('NO_HARM', { elapsed: clock.elapsed })];
    return outcome('pass', [...good, ...found.notes], found.effects, numbers);
  }
  const waits = blocks.map(waitOf);
  numbers.daysToDecide = waits.every((days) => days !== null) ? Math.max(...waits) : null;
  if (clock.elapsed >= clock.maximum) {
    numbers.horizonEnded = 1;
    blocks.unshift(reasonOf('HORIZON_ENDED', { elapsed: clock.elapsed }));
  }
  return outcome('undetermined', [...blocks, ...found.notes], found.effects, numbers);
}

/** Days until what blocks is settled, at this traffic and noise; null: nobody can say. */
function waitOf({ code, numbers }: Reason): number | null {
  if (code === 'TOO_EARLY') return ((numbers['minimum'] ?? 0) - (numbers['elapsed'] ?? 0)) / DAY_US;
  return numbers['days'] ?? null;
}

interface PhaseClock { readonly elapsed: number; readonly minimum: number; readonly maximum: number; readonly looks: number; readonly lookUntil: number; readonly nextLookAt: number | null }

/** Shadow is measured in mature time and whole looks, the other phases in the watermark's time. */
function clockOf(policy: Policy, measured: Measured, context: DecideContext, matureUntil: number): PhaseClock {
  if (context.phase !== 'shadow') {
    const elapsed = Math.max(0, measured.watermark - context.startedAt);
    const [minimum, maximum] = context.phase === 'bake' ? [policy.bake, policy.bake] : [policy.challenge.min, policy.challenge.max];
    return { elapsed, minimum, maximum, looks: 0, lookUntil: matureUntil, nextLookAt: null };
  }
  const { min, max, lookEvery } = policy.shadow;
  const elapsed = Math.max(0, matureUntil - context.startedAt);
  const looks = Math.floor(elapsed / lookEvery);
  // At least one whole look: without it nothing would speak for the candidate.
  const minimum = Math.max(1, Math.ceil(min / lookEvery)) * lookEvery;
  const next = context.startedAt + Math.max((looks + 1) * lookEvery, minimum) + policy.maturation;
  return { elapsed, minimum, maximum: max, looks: elapsed >= minimum ? looks : 0, lookUntil: context.startedAt + looks * lookEvery, nextLookAt: next };
}

function numbersOf(policy: Policy, measured: Measured, clock: PhaseClock, first: Outcome['effects'][number] | undefined): Record<string, number | null> {
  const slots = seriesOf(measured, policy.success.metric, null);
  const mismatch = mismatchOf(policy, measured);
  const numbers: Numbers = {
    estimate: first?.estimate ?? null,
    upper: first?.upper ?? null,
    lower: first?.lower ?? null,
    slots: slots.length,
    rows: slots.reduce((sum, slot) => sum + slot.rows, 0),
    designEffect: first?.designEffect ?? null,
    autocorrelation: slots.length > 2 ? (slotAutocorrelations(slots, 1)[0] ?? null) : null,
    elapsedDays: clock.elapsed / DAY_US,
    looks: clock.looks,
    nextLookAt: clock.nextLookAt,
    horizonEnded: 0,
    coverageChampion: coverageOf(measured.coverage.champion),
    coverageCandidate: coverageOf(measured.coverage.candidate),
    mismatchEValue: mismatch?.eValue ?? null,
  };
  return { ...numbers };
}

const outcome = (verdict: Verdict, reasons: Reason[], effects: Outcome['effects'], numbers: Record<string, number | null>): Outcome => ({ verdict, reasons, effects, numbers });
