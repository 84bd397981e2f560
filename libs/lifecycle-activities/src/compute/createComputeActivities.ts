import { computeActivities, type ComputeActivities } from '@mettle/contracts';
import { guarded, type ComputeHandlers } from '../handlers.ts';
import type { ComputeDeps } from './deps.ts';
import { offlineActivity } from './offline.ts';
import { createRecords } from './records.ts';
import { createMemory } from './remember.ts';
import { scoreActivities } from './score.ts';
import { scoreRowsActivity } from './scoreRows.ts';
import { snapshotActivities } from './snapshots.ts';
import { trainActivity } from './train.ts';
import { watchActivities } from './watch.ts';

/** The activities of the compute queue: blobs in, blobs out, each run once an input. */
export function createComputeActivities(deps: ComputeDeps): ComputeActivities {
  const records = createRecords(deps.blobs);
  const remember = createMemory(deps.home);
  const handlers: ComputeHandlers = {
    ...watchActivities(deps, records, remember),
    ...snapshotActivities(deps, records, remember),
    ...trainActivity(deps, records, remember),
    ...offlineActivity(deps, records, remember),
    ...scoreActivities(deps, records, remember),
    ...scoreRowsActivity(deps, records, remember),
  };
  return guarded(computeActivities, handlers) as unknown as ComputeActivities;
}
