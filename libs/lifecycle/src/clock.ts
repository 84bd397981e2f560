import { ParentClosePolicy, WorkflowIdReusePolicy, continueAsNew, getExternalWorkflowHandle, setHandler, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CONTROL_QUEUE, CandidateSpec, ClockStart, ENDED_STATES, TimeUs, versionKey, workflowIds,
  type EndpointPlan, type Hash, type Incident, type LifecycleStatus, type MonitorResult, type RawSegment, type WatermarkResult,
} from '@mettle/contracts';
import { compute, control, local } from './activities.ts';
import { WORKFLOW_TASK_TIMEOUT, untilHistoryIsLong } from './entity.ts';
import { parsed, refusal } from './failures.ts';
import { incident } from './incident.ts';
import { createLock } from './lock.ts';
import { advanceWatermark, clockStatus, incidentClosed, launch } from './messages.ts';
import { modelLifecycle } from './modelLifecycle.ts';
import { candidateByPolicy } from './retraining.ts';
import { attributes, createSign, moment } from './visibility.ts';

type ClockState = ReturnType<typeof ClockStart.parse>;

/** One endpoint's time. Each step is a barrier: it returns only when what T decides is decided and served. */
export async function clock(input: ClockStart): Promise<never> {
  const state = parsed(ClockStart, input);
  const lock = createLock();
  const show = createSign();
  const plans = new Map<Hash, EndpointPlan>();
  let stepping: TimeUs | null = null;
  const sign = (): void => show({ MettleEndpoint: state.endpoint }, describe(state, stepping));

  const step = async (watermark: TimeUs): Promise<WatermarkResult> => {
    if (state.result !== null && state.watermark === watermark) return state.result;
    goesForward(state, watermark);
    stepping = watermark;
    sign();
    try {
      return await advance(state, plans, watermark);
    } finally {
      stepping = null;
      sign();
    }
  };
  const launchByPerson = async (spec: CandidateSpec): Promise<LifecycleStatus> => {
    const watermark = state.watermark;
    if (watermark === null) throw refusal('INVALID_TRANSITION', 'the clock has no watermark yet: advance it first', { endpoint: state.endpoint });
    const status = await start(state, spec, watermark);
    if (status === null) throw refusal('ALREADY_EXISTS', `there has been a lifecycle with the cause '${spec.cause}'`, { cause: spec.cause });
    if (!spec.initial) return status;
    const [ended] = await tickThese(state, watermark, [status.id]);
    const head = await local('read the route').endpointHead({ endpoint: state.endpoint });
    if (head.champion !== null) state.lastLaunch = watermark;
    await serve(state.endpoint, head.table?.epoch ?? 0, null);
    sign();
    return ended ?? status;
  };

  setHandler(clockStatus, () => ({ endpoint: state.endpoint, watermark: state.watermark, stepping, lastLaunch: state.lastLaunch, open: state.open.map((one) => one.id) }), { description: 'where time stands' });
  setHandler(advanceWatermark, (watermark) => lock(() => step(watermark)), { validator: (watermark) => goesForward(state, parsed(TimeUs, watermark)), description: 'moves the watermark to T' });
  setHandler(launch, (spec) => lock(() => launchByPerson(parsed(CandidateSpec, spec))), { validator: (spec) => check(state, spec), description: "starts a person's candidate" });
  sign();

  await untilHistoryIsLong();
  return continueAsNew<typeof clock>(state);
}

/** One step, in the order that the barrier needs. The state moves only when all of it is done. */
async function advance(state: ClockState, plans: Map<Hash, EndpointPlan>, watermark: TimeUs): Promise<WatermarkResult> {
  const { endpoint } = state;
  const key = `${endpoint}/${watermark}`;
  const { raws, services } = await control(`seal the logs through ${moment(watermark)}`).sealLogs({ key: `${key}/seal`, endpoint, watermark });
  const { segments } = raws.length === 0 ? { segments: [] } : await compute(`${raws.length} sealed pieces to Parquet`).compact({ key: `${key}/compact`, endpoint, raws, services });
  const { catalogue } = await local('register the segments').registerSegments({ key: `${key}/register`, endpoint, watermark, raws, segments });

  const head = await local('read the plan and the route').endpointHead({ endpoint });
  const plan = await planOf(endpoint, head.plan, plans);
  let monitors: MonitorResult[] = [];
  let folded: { opened: Incident[]; closed: Incident[]; open: Incident[] } | null = null;
  if (head.champion !== null && someMonitorIsDue(plan, state.watermark, watermark)) {
    const { version, referenceProfile, referenceLoss, since } = head.champion;
    monitors = (await compute(`monitors at ${moment(watermark)}`).monitor({ key: `${key}/monitor`, catalogue, plan: head.plan, watermark, before: state.watermark, champion: version, referenceProfile, referenceLoss, championSince: since })).results;
    folded = await local('fold the results into incidents').foldIncidents({ key: `${key}/incidents`, endpoint, watermark, results: monitors });
    await announce(folded.opened, folded.closed);
    state.incidents = folded.open;
    const performance = monitors.filter((result) => result.kind === 'performance' && result.state !== 'undetermined');
    if (performance.length > 0) state.performanceBreached = performance.some((result) => result.state === 'breach');
  }

  const launched: string[] = [];
  const shadowing = state.open.filter((one) => BEFORE_CHALLENGE.has(one.phase)).length;
  const spec = head.champion === null ? null : candidateByPolicy(plan.policy, { endpoint, watermark, lastLaunch: state.lastLaunch, incidents: state.incidents, performanceBreached: state.performanceBreached, shadowing });
  if (spec !== null) {
    const status = await start(state, spec, watermark);
    state.lastLaunch = watermark;
    if (status !== null) launched.push(status.id);
  }

  const champion = head.champion === null ? null : versionKey(head.champion.version);
  const due = state.open.filter((one) => champion !== state.champion || one.waitsUntil === null || one.waitsUntil <= watermark);
  const lifecycles = due.length === 0 ? [] : await tickThese(state, watermark, due.map((one) => one.id));
  state.champion = champion;
  const epoch = due.length === 0 ? head.table?.epoch ?? 0 : (await local('read the route').routeHead({ endpoint })).table?.epoch ?? 0;
  await serve(endpoint, epoch, watermark);

  const count = (log: RawSegment['log']): number => raws.filter((raw) => raw.log === log).reduce((rows, raw) => rows + raw.rows, 0);
  state.watermark = watermark;
  state.result = {
    endpoint, watermark, epoch, monitors, launched, lifecycles,
    sealed: { events: count('events'), labels: count('labels'), predictions: count('predictions') },
    opened: folded?.opened.map((one) => one.incidentId) ?? [],
    closed: folded?.closed.map((one) => one.incidentId) ?? [],
  };
  return state.result;
}

const BEFORE_CHALLENGE: ReadonlySet<string> = new Set(['train', 'register', 'qualify', 'shadow']);

/** A monitor is due when the watermark passes a multiple of `every`; the first step only sets the time. */
export function someMonitorIsDue(plan: Pick<EndpointPlan, 'monitors'>, before: TimeUs | null, watermark: TimeUs): boolean {
  return before !== null && plan.monitors.some(({ every }) => Math.floor(watermark / every) > Math.floor(before / every));
}

async function planOf(endpoint: string, hash: Hash, plans: Map<Hash, EndpointPlan>): Promise<EndpointPlan> {
  const known = plans.get(hash);
  if (known !== undefined) return known;
  const { plan } = await local('read the plan').loadPlan({ endpoint });
  plans.set(hash, plan);
  return plan;
}

/** Starts a candidate's lifecycle; null when one of this cause has been started before. */
async function start(state: ClockState, spec: CandidateSpec, watermark: TimeUs): Promise<LifecycleStatus | null> {
  const id = workflowIds.modelLifecycle(state.endpoint, spec.cause);
  try {
    await startChild(modelLifecycle, {
      workflowId: id,
      args: [{ spec, startedAt: watermark }],
      taskQueue: CONTROL_QUEUE,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      staticSummary: `candidate for ${state.endpoint}: ${spec.cause} (${spec.kind})`,
      typedSearchAttributes: attributes({ MettleEndpoint: state.endpoint, MettlePhase: 'train' }),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
  const status = unstarted(id, spec, watermark);
  state.open.push({ id, phase: status.phase, state: status.state, waitsUntil: status.waitsUntil });
  return status;
}

/** A lifecycle before its first tick. */
export const unstarted = (id: string, spec: CandidateSpec, startedAt: TimeUs): LifecycleStatus => ({
  id, endpoint: spec.endpoint, cause: spec.cause, kind: spec.kind, version: null, phase: 'train', state: 'waiting', waitsFor: 'the next step of the clock',
  watermark: null, waitsUntil: startedAt, startedAt, endedAt: null, verdict: null, reasons: [], effects: [], snapshot: null,
});

/** Ticks lifecycles one after the other, oldest first, so that two candidates never race for one challenge. */
async function tickThese(state: ClockState, watermark: TimeUs, ids: string[]): Promise<LifecycleStatus[]> {
  const { lifecycles } = await control(`tick ${ids.length} ${ids.length === 1 ? 'lifecycle' : 'lifecycles'}`).tickLifecycles({ endpoint: state.endpoint, watermark, ids });
  const news = new Map(lifecycles.map((status) => [status.id, status]));
  state.open = state.open.flatMap((one) => {
    const status = news.get(one.id);
    if (status === undefined) return [one];
    return ENDED_STATES.includes(status.state) ? [] : [{ id: status.id, phase: status.phase, state: status.state, waitsUntil: status.waitsUntil }];
  });
  return lifecycles;
}

async function serve(endpoint: string, epoch: number, sealedThrough: TimeUs | null): Promise<void> {
  await local(`every live server serves epoch ${epoch}`).awaitServers({ endpoint, epoch, sealedThrough });
}

/** A workflow for each incident that opened; a word to that of each that closed. */
async function announce(opened: readonly Incident[], closed: readonly Incident[]): Promise<void> {
  for (const one of opened) {
    try {
      await startChild(incident, {
        workflowId: workflowIds.incident(one.incidentId),
        args: [{ incident: one }],
        taskQueue: CONTROL_QUEUE,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        staticSummary: `${one.monitor} on ${one.endpoint}: ${one.metric}${one.segment === null ? '' : ` in ${one.segment}`}`,
        typedSearchAttributes: attributes({ MettleEndpoint: one.endpoint, MettleVersion: versionKey(one.version) }),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
  // One that has ended already (an operator closed it) cannot be told; the database knows.
  for (const one of closed) await getExternalWorkflowHandle(workflowIds.incident(one.incidentId)).signal(incidentClosed, one).catch(() => undefined);
}

/** Read-only. @throws ApplicationFailure INVALID_TRANSITION when T lies before the watermark */
function goesForward(state: ClockState, watermark: TimeUs): void {
  if (state.watermark !== null && watermark < state.watermark) {
    throw refusal('INVALID_TRANSITION', `the watermark is ${moment(state.watermark)} and does not go back to ${moment(watermark)}`, { watermark: state.watermark, asked: watermark });
  }
}

function check(state: ClockState, input: CandidateSpec): void {
  const spec = parsed(CandidateSpec, input);
  if (spec.endpoint !== state.endpoint) throw refusal('INVALID_INPUT', `the candidate is for endpoint '${spec.endpoint}', not '${state.endpoint}'`, { field: 'endpoint' });
}

function describe(state: ClockState, stepping: TimeUs | null): string {
  const lines = [`**${state.endpoint}** at watermark ${state.watermark === null ? '(none yet)' : moment(state.watermark)}`];
  if (stepping !== null) lines.push(`- steps to ${moment(stepping)}: seals the logs, runs what is due, and waits for every lifecycle and server`);
  for (const one of state.open) lines.push(`- ${one.id}: ${one.phase}, ${one.state}${one.waitsUntil === null ? '' : ` until ${moment(one.waitsUntil)}`}`);
  for (const one of state.incidents) lines.push(`- incident ${one.incidentId}`);
  if (stepping === null) lines.push('', 'Waits for the next watermark.');
  return lines.join('\n');
}
