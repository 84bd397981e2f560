import type { BlobStore } from '@mettle/blob-store';
import type { Catalogue, EndpointPlan, Monitor, MonitorResult, VersionRef } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';

export interface RunMonitorsInput {
  readonly db: Db;
  readonly blobs: Pick<BlobStore, 'path' | 'getJson' | 'putJson'>;
  readonly catalogue: Catalogue;
  readonly plan: EndpointPlan;
  readonly watermark: number;
  /** The watermark before; by default one cadence earlier. */
  readonly before?: number;
  readonly champion: VersionRef;
  /** Blob of the Profile of the champion's snapshot: frozen edges. */
  readonly referenceProfile: string | null;
  /** The champion's success metric over its offline holdout. */
  readonly referenceLoss: number | null;
  readonly championSince: number;
}

/** A result of `monitor` with everything that is not measured filled in: `undetermined` until a measurement says otherwise. */
export const resultOf = (monitor: Monitor, { champion, watermark }: Pick<RunMonitorsInput, 'champion' | 'watermark'>, measured: Partial<MonitorResult>): MonitorResult => ({
  v: 1, monitor: monitor.name, kind: monitor.kind, endpoint: monitor.endpoint, version: champion, metric: monitor.metric, column: null, segment: null, at: watermark,
  value: null, threshold: null, pValue: null, rows: { reference: 0, current: 0 }, state: 'undetermined', reason: null, ...measured,
});
