import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';

/** Returns when Temporal suggests a fresh history and no handler is at work: the moment to continue as new. */
export async function untilHistoryIsLong(): Promise<void> {
  await condition(() => workflowInfo().continueAsNewSuggested);
  await condition(allHandlersFinished);
}

/** Timeout of one workflow task, for parents and children: what a killed worker costs. */
export const WORKFLOW_TASK_TIMEOUT = '2s';
