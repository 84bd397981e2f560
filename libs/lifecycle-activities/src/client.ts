import { WithStartWorkflowOperation, WorkflowFailedError, WorkflowNotFoundError, WorkflowUpdateFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import {
  CONTROL_QUEUE, MettleError, workflowIds,
  type CandidateSpec, type CommitResult, type DecisionInput, type LifecycleStatus, type RouteTable, type TimeUs, type WatermarkResult,
} from '@mettle/contracts';
import {
  WORKFLOW_TASK_TIMEOUT, acknowledge, advanceWatermark, approve, attributes, clock, clockStatus, close, decide, endpoint, incidentStatus, launch, mettleErrorOf, reject, route, status, tick,
  type ClockStatus, type IncidentStatus, type Word, type modelLifecycle,
} from '@mettle/lifecycle';

/** Every word that the world says to the workflows of Mettle. What they refuse is thrown as a MettleError. */
export function createLifecycleClient(client: Client) {
  const entity = { taskQueue: CONTROL_QUEUE, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT, workflowIdConflictPolicy: 'USE_EXISTING' as const };
  const startClock = (name: string) =>
    new WithStartWorkflowOperation(clock, { ...entity, workflowId: workflowIds.clock(name), args: [{ endpoint: name }], staticSummary: `time of ${name}`, typedSearchAttributes: attributes({ MettleEndpoint: name }) });
  const startEndpoint = (name: string) =>
    new WithStartWorkflowOperation(endpoint, { ...entity, workflowId: workflowIds.endpoint(name), args: [{ endpoint: name }], staticSummary: `route of ${name}`, typedSearchAttributes: attributes({ MettleEndpoint: name }) });
  const lifecycle = (id: string) => client.workflow.getHandle<typeof modelLifecycle>(id);
  const incidentHandle = (incidentId: string) => client.workflow.getHandle(workflowIds.incident(incidentId));

  return {
    /** Commits a decision through the endpoint's workflow, which is started when there is none. */
    decide: (decision: DecisionInput): Promise<CommitResult> =>
      said(() => client.workflow.executeUpdateWithStart(decide, { args: [decision], startWorkflowOperation: startEndpoint(decision.endpoint) })),
    /** The table that the endpoint's workflow decides on. */
    route: (name: string): Promise<RouteTable | null> =>
      said(() => client.workflow.getHandle<typeof endpoint>(workflowIds.endpoint(name)).query(route), () => new MettleError('UNKNOWN_ENDPOINT', `endpoint '${name}' has no workflow`, { endpoint: name })),

    advanceWatermark: (name: string, watermark: TimeUs): Promise<WatermarkResult> =>
      said(() => client.workflow.executeUpdateWithStart(advanceWatermark, { args: [watermark], startWorkflowOperation: startClock(name) })),
    launch: (spec: CandidateSpec): Promise<LifecycleStatus> =>
      said(() => client.workflow.executeUpdateWithStart(launch, { args: [spec], startWorkflowOperation: startClock(spec.endpoint) })),
    clockStatus: (name: string): Promise<ClockStatus> =>
      said(() => client.workflow.getHandle<typeof clock>(workflowIds.clock(name)).query(clockStatus), () => new MettleError('UNKNOWN_ENDPOINT', `endpoint '${name}' has no clock yet`, { endpoint: name })),

    /** Brings one lifecycle to a watermark; one that has ended says how. */
    tick: (id: string, watermark: TimeUs): Promise<LifecycleStatus> => said(() => orResult(lifecycle(id), () => lifecycle(id).executeUpdate(tick, { args: [watermark] })), () => unknownLifecycle(id)),
    /** How the workflow of a lifecycle ended without saying how; null while it runs or when it said so. */
    async whyGone(id: string): Promise<string | null> {
      const { status: state } = await lifecycle(id).describe();
      return state.name === 'RUNNING' || state.name === 'COMPLETED' ? null : state.name.toLowerCase();
    },
    lifecycleStatus: (id: string): Promise<LifecycleStatus> => said(() => lifecycle(id).query(status), () => unknownLifecycle(id)),
    approve: (id: string, word: Word): Promise<LifecycleStatus> => said(() => lifecycle(id).executeUpdate(approve, { args: [word] }), () => unknownLifecycle(id)),
    reject: (id: string, word: Word): Promise<LifecycleStatus> => said(() => lifecycle(id).executeUpdate(reject, { args: [word] }), () => unknownLifecycle(id)),

    incidentStatus: (incidentId: string): Promise<IncidentStatus> => said(() => incidentHandle(incidentId).query(incidentStatus), () => unknownIncident(incidentId)),
    acknowledge: (incidentId: string, word: Word): Promise<IncidentStatus> => said(() => incidentHandle(incidentId).executeUpdate(acknowledge, { args: [word] }), () => unknownIncident(incidentId)),
    closeIncident: (incidentId: string, word: Word): Promise<IncidentStatus> => said(() => incidentHandle(incidentId).executeUpdate(close, { args: [word] }), () => unknownIncident(incidentId)),
  };
}

export type LifecycleClient = ReturnType<typeof createLifecycleClient>;

const unknownLifecycle = (id: string): MettleError => new MettleError('UNKNOWN_LIFECYCLE', `no lifecycle '${id}' runs`, { id });
const unknownIncident = (incidentId: string): MettleError => new MettleError('UNKNOWN_INCIDENT', `incident '${incidentId}' has no workflow`, { incidentId });

/** An update to a workflow that has just completed is answered by its result. */
async function orResult(handle: WorkflowHandle<typeof modelLifecycle>, update: () => Promise<LifecycleStatus>): Promise<LifecycleStatus> {
  try {
    return await update();
  } catch (error) {
    if (!ended(error)) throw error;
    return handle.result();
  }
}

/** The workflow is gone, or it completed before it could answer. */
const ended = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError || (error instanceof WorkflowUpdateFailedError && /completed|aborted/i.test(`${error.message} ${error.cause?.message ?? ''}`) && mettleErrorOf(error).code === 'INTERNAL');

async function said<T>(ask: () => Promise<T>, missing?: () => MettleError): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (missing !== undefined && error instanceof WorkflowNotFoundError) throw missing();
    if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError) throw mettleErrorOf(error);
    throw error;
  }
}
