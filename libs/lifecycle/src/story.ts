import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import {
  ENDED_STATES, versionKey,
  type CommitResult, type DecisionInput, type EndpointPlan, type Hash, type LifecycleStart, type LifecycleState, type LifecycleStatus, type Phase, type Principal, type Reason, type TimeUs, type Verdict, type VersionRef,
} from '@mettle/contracts';
import { control, local } from './activities.ts';
import { refusal } from './failures.ts';
import type { Word } from './messages.ts';
import { createSign, moment } from './visibility.ts';

/** Thrown by a phase to end the story; not a failure. */
export class Ending extends Error {
  readonly state: LifecycleState;
  readonly verdict: Verdict | null;
  readonly reasons: readonly Reason[];
  /** Evidence blob of the look that decided. */
  readonly evidence: Hash | null;
  readonly by: Principal;

  constructor(state: LifecycleState, message: string, more: { verdict?: Verdict | null; reasons?: readonly Reason[]; evidence?: Hash | null; by?: Principal } = {}) {
    super(message);
    this.name = 'Ending';
    this.state = state;
    this.verdict = more.verdict ?? null;
    this.reasons = more.reasons ?? [];
    this.evidence = more.evidence ?? null;
    this.by = more.by ?? LIFECYCLE;
  }
}

/** The lifecycle itself, in the decision log. */
export const LIFECYCLE: Principal = { id: 'lifecycle', kind: 'policy', roles: ['platform'] };

/** What a phase says of a decision; the story knows the rest. */
export type Say = Pick<DecisionInput, 'action'> & Partial<Pick<DecisionInput, 'version' | 'verdict' | 'reasons' | 'evidence' | 'share' | 'note' | 'by' | 'phase'>>;

/** Takes one step back, for the reasons of the ending. */
type Undo = (ending: Ending) => Promise<unknown>;

/** The state of one candidate's lifecycle and the few verbs that its phases are written in. */
export type Story = ReturnType<typeof openStory>;

export function openStory({ spec, startedAt }: LifecycleStart) {
  const show = createSign();
  const undo: Undo[] = [];
  const scope = new CancellationScope();
  let decisions = 0;
  let wakesEarly = false;
  let plan: { plan: EndpointPlan; hash: Hash } | null = null;
  let approval: Word | null = null;
  let rejection: Word | null = null;
  let status: LifecycleStatus = {
    id: workflowInfo().workflowId, endpoint: spec.endpoint, cause: spec.cause, kind: spec.kind, version: null, phase: 'train', state: 'waiting',
    waitsFor: 'the next step of the clock', watermark: null, waitsUntil: startedAt, startedAt, endedAt: null, verdict: null, reasons: [], effects: [], snapshot: null,
  };

  const set = (news: Partial<LifecycleStatus>): void => {
    status = { ...status, ...news };
    show(
      {
        MettleEndpoint: status.endpoint,
        MettlePhase: ENDED_STATES.includes(status.state) ? status.state : status.phase,
        ...(plan === null ? {} : { MettleModel: plan.plan.model.model }),
        ...(status.version === null ? {} : { MettleVersion: versionKey(status.version) }),
        ...(status.verdict === null ? {} : { MettleVerdict: status.verdict }),
      },
      describe(status, spec.note),
    );
  };
  const ended = (): boolean => ENDED_STATES.includes(status.state);
  const now = (): TimeUs => status.watermark ?? startedAt;

  return {
    spec,
    /** Cancelled by a person's rejection. */
    scope,
    get status(): LifecycleStatus { return status; },
    get approval(): Word | null { return approval; },
    get rejection(): Word | null { return rejection; },
    ended,
    /** The watermark: the only time there is. */
    now,
    set,
    get plan(): EndpointPlan {
      if (plan === null) throw new TypeError('the plan is loaded first');
      return plan.plan;
    },
    get planHash(): Hash {
      if (plan === null) throw new TypeError('the plan is loaded first');
      return plan.hash;
    },
    get version(): VersionRef {
      if (status.version === null) throw new TypeError('the version is registered first');
      return status.version;
    },
    async loadPlan(): Promise<void> { plan = await local('read the plan').loadPlan({ endpoint: spec.endpoint }); },

    /** Nothing remains to be done at this watermark. */
    settled: (): boolean => ended() || ((status.state === 'waiting' || status.state === 'approval') && status.waitsUntil !== null && status.waitsUntil > now()),
    /** The watermark moved. Whoever it wakes is at work from this moment, so that nobody takes the lifecycle for settled. */
    reach(watermark: TimeUs): void {
      if (watermark <= (status.watermark ?? -Infinity)) return;
      set({ watermark, ...(wakesEarly ? { state: 'running' } : {}) });
    },
    approve(word: Word): void {
      approval = word;
      if (status.state === 'approval') set({ state: 'running', waitsUntil: null });
    },
    reject(word: Word): void { rejection = word; scope.cancel(); },

    enter(phase: Phase, doing: string): void { set({ phase, state: 'running', waitsFor: doing, waitsUntil: null }); },
    /** Waits until the watermark is at `watermark` or later; in state `approval` also until somebody approves. */
    async until(watermark: TimeUs, waitsFor: string, state: 'waiting' | 'approval' = 'waiting'): Promise<void> {
      set({ state, waitsFor, waitsUntil: watermark });
      await condition(() => (status.watermark ?? -Infinity) >= watermark || (state === 'approval' && approval !== null));
      set({ state: 'running', waitsUntil: null });
    },
    /** Waits for `watermark`, but wakes at any later tick: the clock ticks early when the champion has changed. */
    async untilOrTick(watermark: TimeUs, waitsFor: string): Promise<void> {
      const begun = now();
      set({ state: 'waiting', waitsFor, waitsUntil: watermark });
      wakesEarly = true;
      await condition(() => now() > begun || now() >= watermark).finally(() => { wakesEarly = false; });
      set({ state: 'running', waitsUntil: null });
    },
    /** Proposes a decision to the endpoint's workflow, the only writer of the route. */
    async commit(say: Say): Promise<CommitResult> {
      const version = say.version ?? status.version;
      if (version === null || plan === null) throw refusal('INTERNAL', 'a decision needs a version and a plan');
      const phase = say.phase ?? status.phase;
      const decision: DecisionInput = {
        endpoint: spec.endpoint, at: now(), action: say.action, phase, version, verdict: say.verdict ?? null, reasons: [...(say.reasons ?? [])], evidence: say.evidence ?? null,
        policy: plan.plan.policyHash, by: say.by ?? LIFECYCLE, note: say.note ?? '', share: say.share ?? null, key: `${status.id}/${phase}/${++decisions}`,
      };
      return control(`${say.action} ${versionKey(version)}`, ['CHALLENGE_TAKEN', 'NO_CHAMPION']).updateEndpoint({ endpoint: spec.endpoint, decision });
    },
    /** Registers how to take back what comes next; said before it is done. */
    onUndo(work: Undo): void { undo.push(work); },
    /** Takes back what was done, last first. What cannot be taken back (it is gone already) does not stop the others. */
    async takeBack(ending: Ending): Promise<void> {
      await CancellationScope.nonCancellable(async () => {
        for (let work = undo.pop(); work !== undefined; work = undo.pop()) await work(ending).catch(() => undefined);
      });
    },
    /** What was done so far stays done. */
    keep(): void { undo.length = 0; },
    save: () => CancellationScope.nonCancellable(() => local('record the status').saveLifecycle({ status, spec })).then(() => undefined),
  };
}

function describe(status: LifecycleStatus, note: string): string {
  const lines = [`**${status.version === null ? status.cause : versionKey(status.version)}** for ${status.endpoint} (${status.kind}, ${status.cause})${note === '' ? '' : `: ${note}`}`];
  lines.push(`- ${status.phase}, ${status.state}${status.watermark === null ? '' : ` at ${moment(status.watermark)}`}`);
  for (const effect of status.effects) {
    lines.push(`- ${effect.role} ${effect.metric}${effect.segment === null ? '' : ` in ${effect.segment}`}: ${effect.estimate?.toFixed(4) ?? '?'} (${effect.lower?.toFixed(4) ?? '-'} .. ${effect.upper?.toFixed(4) ?? '-'}), ${effect.verdict}`);
  }
  lines.push('', status.waitsUntil === null ? `${status.waitsFor}.` : `Waits until ${moment(status.waitsUntil)}: ${status.waitsFor}.`);
  return lines.join('\n');
}
