import { allHandlersFinished, condition, isCancellation, setHandler } from '@temporalio/workflow';
import { LifecycleStart, TimeUs, versionKey, type LifecycleStatus } from '@mettle/contracts';
import { reasonOf } from '@mettle/promotion';
import { codeOf, messageOf, parsed, refusal } from './failures.ts';
import { approve, reject, status, tick, type Word } from './messages.ts';
import { approval } from './phases/approval.ts';
import { bake } from './phases/bake.ts';
import { challenge } from './phases/challenge.ts';
import { deployFirst, promote } from './phases/promote.ts';
import { qualify } from './phases/qualify.ts';
import { register } from './phases/register.ts';
import { shadow } from './phases/shadow.ts';
import { train } from './phases/train.ts';
import { Ending, openStory, type Story } from './story.ts';

/** One candidate, from its training to its end. All its time is the endpoint's watermark. */
export async function modelLifecycle(input: LifecycleStart): Promise<LifecycleStatus> {
  const story = openStory(parsed(LifecycleStart, input));
  listen(story);
  let ending: Ending;
  try {
    ending = await story.scope.run(() => live(story));
  } catch (error) {
    ending = endingOf(story, error);
    await story.takeBack(ending);
  }
  story.set({ state: ending.state, waitsFor: ending.message, waitsUntil: null, endedAt: story.now(), verdict: ending.verdict, reasons: [...ending.reasons] });
  await story.save();
  await condition(allHandlersFinished);
  return story.status;
}

async function live(story: Story): Promise<Ending> {
  await story.loadPlan();
  await story.save();
  await story.until(story.status.startedAt, 'the next step of the clock');

  const trained = await train(story);
  await register(story, trained);
  await qualify(story, trained);
  if (story.spec.initial) return deployFirst(story);

  const proof = await shadow(story, trained);
  const trial = await challenge(story, trained, proof);
  await approval(story, trial);
  const former = await promote(story, trial);
  return bake(story, former);
}

function listen(story: Story): void {
  const settle = async (): Promise<LifecycleStatus> => {
    await condition(story.settled);
    return story.status;
  };
  setHandler(status, () => story.status, { description: 'where it stands and what it waits for' });
  setHandler(tick, (watermark) => {
    story.reach(watermark);
    return settle();
  }, { validator: (watermark) => void parsed(TimeUs, watermark), description: 'the watermark has reached T' });
  setHandler(approve, (word) => {
    story.approve(word);
    return settle();
  }, { validator: (word) => mayApprove(story, word), description: 'an approver lets the candidate become champion' });
  setHandler(reject, async (word) => {
    story.reject(word);
    await condition(story.ended);
    return story.status;
  }, { validator: (_word) => stillRuns(story), description: 'an operator ends the candidate' });
}

/** Read-only. @throws ApplicationFailure INVALID_TRANSITION | FORBIDDEN */
function mayApprove(story: Story, { by }: Word): void {
  stillRuns(story);
  if (story.status.state !== 'approval') throw refusal('INVALID_TRANSITION', `it waits for no approval: ${story.status.waitsFor}`, { phase: story.status.phase, state: story.status.state });
  if (!by.roles.includes('approver') && !by.roles.includes('admin')) throw refusal('FORBIDDEN', `'${by.id}' is no approver`, { role: 'approver', by: by.id });
  if (story.plan.policy.approval.by === 'person' && by.kind !== 'person') throw refusal('FORBIDDEN', 'the policy asks for the approval of a person', { role: 'approver', by: by.id });
  if (story.plan.policy.approval.notTheAuthor && story.spec.by?.id === by.id) {
    throw refusal('FORBIDDEN', `'${by.id}' asked for this candidate and may not approve it`, { role: 'approver', by: by.id });
  }
}

function stillRuns(story: Story): void {
  if (story.ended()) throw refusal('INVALID_TRANSITION', `the lifecycle has ended: ${story.status.waitsFor}`, { state: story.status.state });
}

/** How the story ends when a phase threw: by a person, by a verdict, by a cancellation, or by a failure. */
function endingOf(story: Story, error: unknown): Ending {
  if (error instanceof Ending) return error;
  const baking = story.status.phase === 'bake';
  if (story.rejection !== null) {
    const { by, note } = story.rejection;
    return new Ending(baking ? 'rolledBack' : 'rejected', `${by.id} rejected it${note === '' ? '' : `: ${note}`}`, { verdict: 'fail', reasons: [reasonOf('REJECTED_BY_PERSON')], by });
  }
  if (isCancellation(error)) return new Ending(baking ? 'rolledBack' : 'rejected', 'it was cancelled', { verdict: 'fail', reasons: [reasonOf('CANCELLED')] });
  const code = codeOf(error);
  const who = story.status.version === null ? 'the candidate' : versionKey(story.status.version);
  return new Ending('failed', `${who} failed in ${story.status.phase}: ${messageOf(error)}`, { reasons: [{ code, numbers: {} }] });
}
