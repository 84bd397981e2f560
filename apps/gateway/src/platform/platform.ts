import type { Logger } from 'pino';
import type { LabelSpace, Settings, TimeUs } from '@mettle/contracts';
import type { BlobStore } from '@mettle/blob-store';
import type { EventLog, LabelLog, ObservationLog } from '@mettle/event-log';
import type { OnlineStore } from '@mettle/feature-store';
import type { MetadataDb } from '@mettle/metadata-db';
import type { Registry } from '@mettle/registry';
import type { Authenticator } from '../auth/tokens.ts';
import type { Engine } from './engine.ts';
import type { Ingest } from './ingest.ts';
import type { Dependencies } from './dependencies.ts';
import type { RouteFeed } from './routeFeed.ts';
import type { Services } from './services.ts';
import type { SnapshotFiles } from './snapshotFiles.ts';
import type { Workflows } from './workflows.ts';

/** The open rooms of the control process. */
export interface Platform {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly authenticate: Authenticator;
  readonly db: MetadataDb;
  readonly blobs: BlobStore;
  readonly registry: Registry;
  readonly events: EventLog;
  readonly labels: LabelLog;
  readonly observations: ObservationLog;
  readonly online: OnlineStore;
  readonly ingest: Ingest;
  readonly services: Services;
  readonly engine: Engine;
  readonly snapshots: SnapshotFiles;
  readonly workflows: Workflows;
  readonly routes: RouteFeed;
  /** The state of everything that this process depends on. */
  readonly dependencies: Dependencies;
  /** What of a declared endpoint never changes: its clock, and what its labels can be. @throws MettleError UNKNOWN_ENDPOINT */
  readonly lastingOf: (endpoint: string) => Promise<{ readonly clock: 'event' | 'wall'; readonly space: LabelSpace }>;
  /** Wall clock, µs. */
  readonly now: () => TimeUs;
}
