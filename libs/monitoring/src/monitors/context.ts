import type { BlobStore } from '@mettle/blob-store';
import type { Catalogue, EndpointPlan, Hash, Monitor, MonitorResult, VersionRef } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import type { ServiceDefinition } from '@mettle/feature-language';

export interface RunMonitorsInput {
  readonly db: Db;
  readonly blobs: BlobStore;
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
  /** The definition of a feature service that the catalogue names. */
  readonly definitionOf: (service: Hash) => Promise<ServiceDefinition>;
  /** Where the join of spines is kept between audits. */
  readonly cacheDir: string;
}

/** A result of `monitor` with everything that is not measured filled in: `undetermined` until a measurement says otherwise. */
export const resultOf = (monitor: Monitor, { champion, watermark }: Pick<RunMonitorsInput, 'champion' | 'watermark'>, measured: Partial<MonitorResult>): MonitorResult => ({
  v: 1, monitor: monitor.name, kind: monitor.kind, endpoint: monitor.endpoint, version: champion, metric: monitor.metric, column: null, segment: null, at: watermark,
  value: null, threshold: null, pValue: null, rows: { reference: 0, current: 0 }, state: 'undetermined', reason: null, ...measured,
});
