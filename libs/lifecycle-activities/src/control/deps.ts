import type { AlertChannel, Hash } from '@mettle/contracts';
import type { Registry } from '@mettle/registry';
import type { LifecycleClient } from '../client.ts';
import type { ControlPlane } from '../controlPlane.ts';

/** What the control activities stand on. */
export interface ControlDeps {
  readonly registry: Registry;
  readonly blobs: { putJson(value: unknown): Promise<Hash> };
  readonly plane: ControlPlane;
  readonly client: LifecycleClient;
  readonly channels: readonly AlertChannel[];
}
