import type { BlobStore } from '@mettle/blob-store';
import type { AlertChannel } from '@mettle/contracts';
import type { MetadataDb } from '@mettle/metadata-db';
import type { Registry } from '@mettle/registry';
import type { LifecycleClient } from '../client.ts';
import type { ControlPlane } from '../controlPlane.ts';

/** What the control activities stand on. */
export interface ControlDeps {
  readonly db: MetadataDb;
  readonly registry: Registry;
  readonly blobs: Pick<BlobStore, 'putJson' | 'getJson'>;
  readonly plane: ControlPlane;
  readonly client: LifecycleClient;
  readonly channels: readonly AlertChannel[];
}
