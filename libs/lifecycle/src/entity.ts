import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';

/**
 * Events after which a history is long. A worker without a cache replays all of it within one workflow task, and a
 * task's time is short: Temporal's own suggestion, at 4,096 events, took longer than that on a busy machine.
 */
const LONG = 800;

/** Returns when the history is long and no handler is at work: the moment to continue as new. */
export async function untilHistoryIsLong(): Promise<void> {
  await condition(() => workflowInfo().historyLength >= LONG || workflowInfo().continueAsNewSuggested);
  await condition(allHandlersFinished);
}

/** Timeout of one workflow task, for parents and children: what a killed worker costs. */
export const WORKFLOW_TASK_TIMEOUT = '2s';
