import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';
import { CONTROL_QUEUE, PROJECT, type DurationUs } from '@mettle/contracts';
import { WORKFLOW_TASK_TIMEOUT, tickClock } from '@mettle/lifecycle';

/** How an endpoint on the wall clock moves. */
export interface Cadence {
  /** Length of a step, µs; at least a second. */
  readonly every: DurationUs;
  /** How far behind the wall clock the watermark stays, µs: what was acknowledged in between is sealed by then. */
  readonly lag?: DurationUs;
}

const scheduleId = (endpoint: string): string => `clock:${PROJECT}/${endpoint}`;

/**
 * Moves the watermark of a wall-clock endpoint at its cadence: each firing advances it to the last multiple of the
 * cadence. A step that takes longer than a cadence skips firings; an outage is caught up by one step. Repeating it with
 * another cadence changes the schedule.
 */
export async function ensureSchedule(client: Client, endpoint: string, { every, lag = 0 }: Cadence): Promise<void> {
  const spec: ScheduleOptions['spec'] = { intervals: [{ every: Math.max(1000, Math.floor(every / 1000)) }] };
  const action: ScheduleOptions['action'] = {
    type: 'startWorkflow', workflowType: tickClock, workflowId: `tickClock:${PROJECT}/${endpoint}`, taskQueue: CONTROL_QUEUE, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT, args: [{ endpoint, every, lag }],
  };
  const policies: ScheduleOptions['policies'] = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' };
  try {
    await client.schedule.create({ scheduleId: scheduleId(endpoint), spec, action, policies });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId(endpoint)).update((previous) => ({ ...previous, spec, action: action as typeof previous.action, policies }));
  }
}

/** Ends the schedule of an endpoint; none is fine. */
export async function dropSchedule(client: Client, endpoint: string): Promise<void> {
  await client.schedule.getHandle(scheduleId(endpoint)).delete().catch((error: unknown) => {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  });
}
