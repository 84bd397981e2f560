import type { Monitor, MonitorResult } from '@mettle/contracts';
import { auditVectors } from '@mettle/datasets';
import { resultOf } from './context.ts';
import type { RunMonitorsInput } from './context.ts';

/**
 * The share of vectors logged in the window that are other bits when they are computed in batch, as known at their T and
 * at the positions that they were read at. `floor` is the largest share that is bearable: 0 where any mismatch is one too
 * many. `reason` names the report with samples.
 */
export async function parity(input: RunMonitorsInput, monitor: Monitor): Promise<MonitorResult> {
  const { db, blobs, catalogue, definitionOf, cacheDir, watermark } = input;
  const { rows, mismatches, report } = await auditVectors({ db, blobs, catalogue, definitionOf, cacheDir, from: watermark - monitor.window, to: watermark });
  const counted = { reference: 0, current: rows };
  if (rows === 0) return resultOf(monitor, input, { rows: counted, reason: 'no vector was logged in the window' });
  const value = mismatches / rows;
  return resultOf(monitor, input, { rows: counted, value, threshold: monitor.floor, state: value > monitor.floor ? 'breach' : 'ok', reason: mismatches === 0 ? null : `${mismatches} of ${rows} vectors differ: report ${report}` });
}
