import { WorkflowFailedError, type Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CONTROL_QUEUE, hashOf, type ComputeActivities } from '@mettle/contracts';
import { WORKFLOW_TASK_TIMEOUT, mettleErrorOf, runCompute, type RunnableCompute } from '@mettle/lifecycle';
import { createLifecycleClient, ensureSchedule, type Cadence, type LifecycleClient } from '@mettle/lifecycle-activities';

/** What the gateway asks of workflows; each call is idempotent by what it carries. */
export interface Workflows extends LifecycleClient {
  /** Runs one compute activity to its result; the same input returns the first result. */
  compute<K extends RunnableCompute>(activity: K, input: Parameters<ComputeActivities[K]>[0]): Promise<Awaited<ReturnType<ComputeActivities[K]>>>;
  /** Lets the wall clock move an endpoint's watermark at its cadence. */
  schedule(endpoint: string, cadence: Cadence): Promise<void>;
}

export function createWorkflows(client: Client): Workflows {
  return {
    ...createLifecycleClient(client),
    schedule: (endpoint, cadence) => ensureSchedule(client, endpoint, cadence),
    async compute<K extends RunnableCompute>(activity: K, input: Parameters<ComputeActivities[K]>[0]): Promise<Awaited<ReturnType<ComputeActivities[K]>>> {
      type Result = Awaited<ReturnType<ComputeActivities[K]>>;
      const workflowId = `runCompute:default/${activity}/${hashOf(input).slice(0, 32)}`;
      try {
        return (await client.workflow.execute(runCompute, {
          workflowId, taskQueue: CONTROL_QUEUE, args: [{ activity, input }], workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
          workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          staticSummary: `${activity} for a client`,
        })) as Result;
      } catch (error) {
        // It ran before: its result stands.
        if (error instanceof WorkflowExecutionAlreadyStartedError) return (await client.workflow.getHandle(workflowId).result()) as Result;
        if (error instanceof WorkflowFailedError) throw mettleErrorOf(error);
        throw error;
      }
    },
  };
}
