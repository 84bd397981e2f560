import type { Hash, TimeUs } from '@mettle/contracts';
import type { MetadataDb } from '@mettle/metadata-db';

/** What the registry stands on. */
export interface RegistryDeps {
  readonly db: MetadataDb;
  /** Where manifests, plans and policies go, so that a hash can be read without the database; canonical JSON, so that the address is `hashOf(value)`. */
  readonly blobs: { putJson(value: unknown): Promise<Hash> };
  /** Wall clock, µs. */
  readonly now: () => TimeUs;
}
