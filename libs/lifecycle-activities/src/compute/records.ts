import type { BlobStore } from '@mettle/blob-store';
import { EndpointPlan, Fitted, Measured, MettleError, SnapshotManifest, type Catalogue, type Hash, type SegmentTable, type SlotSums } from '@mettle/contracts';
import { ServiceDefinition } from '@mettle/feature-language';
import { loadModel, type LoadedModel } from '@mettle/inference';

/** A catalogue has thousands of entries, is ours, and is verified by its hash: it is not checked field by field. */
const trusted = { parse: (value: unknown): Catalogue => value as Catalogue };
/** Of each kind. A look asks for half a year of comparisons; the activities of a step share the rest. */
const KEPT = 32;

/** Records that activities get by hash; the last few are kept. */
export function createRecords(blobs: BlobStore) {
  const kinds = new Map<string, Map<Hash, Promise<unknown>>>();
  const once = <T>(kind: string, hash: Hash, read: () => Promise<T>): Promise<T> => {
    const kept = kinds.get(kind) ?? new Map<Hash, Promise<unknown>>();
    kinds.set(kind, kept);
    const known = kept.get(hash) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const reading = read();
    kept.set(hash, reading);
    reading.catch(() => kept.delete(hash));
    for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
    return reading;
  };
  const paths = (hashes: readonly Hash[]): Promise<string[]> => Promise.all(hashes.map((hash) => blobs.path(hash)));
  const definition = (hash: Hash): Promise<ServiceDefinition> => once('definition', hash, () => blobs.getJson(hash, ServiceDefinition));

  return {
    catalogue: (hash: Hash): Promise<Catalogue> => once('catalogue', hash, () => blobs.getJson(hash, trusted)),
    plan: (hash: Hash): Promise<EndpointPlan> => once('plan', hash, () => blobs.getJson(hash, EndpointPlan)),
    definition,
    /** @throws MettleError UNKNOWN_SERVICE for one that the catalogue does not name */
    definitionIn: (catalogue: Catalogue) => (service: Hash): Promise<ServiceDefinition> => {
      const blob = catalogue.services[service];
      if (blob === undefined) throw new MettleError('UNKNOWN_SERVICE', 'the catalogue does not name this feature service', { service });
      return definition(blob);
    },
    /** Slots of one metric, over all rows, of a comparison that was measured. */
    successSlots: (state: Hash, metric: string): Promise<readonly SlotSums[]> => once(`slots/${metric}`, state, async () =>
      (await blobs.getJson(state, Measured)).series.find((one) => one.metric === metric && one.segment === null)?.slots ?? []),
    manifest: (hash: Hash): Promise<SnapshotManifest> => once('manifest', hash, () => blobs.getJson(hash, SnapshotManifest)),
    paths,
    /** Local files of a table's segments whose time overlaps [from, to). */
    files: (catalogue: Catalogue, table: SegmentTable, name?: string, range?: { from: number; to: number }): Promise<string[]> =>
      paths(catalogue.segments.filter((one) => one.table === table && one.rows > 0 && (name === undefined || one.name === name) && (range === undefined || (one.range.from < range.to && one.range.to > range.from))).map((one) => one.hash)),
    /** Event files by source. */
    async eventFiles(catalogue: Catalogue): Promise<Record<string, string[]>> {
      const events = catalogue.segments.filter((one) => one.table === 'events' && one.rows > 0);
      const found: Record<string, string[]> = {};
      for (const { name, hash } of events) (found[name] ??= []).push(await blobs.path(hash));
      return found;
    },
    /** The caller closes it. */
    async model(file: Hash, fitted: Hash | null, definition: ServiceDefinition): Promise<LoadedModel> {
      const [bytes, vocabularies] = await Promise.all([blobs.get(file), fitted === null ? null : blobs.getJson(fitted, Fitted)]);
      return loadModel({ bytes, fitted: vocabularies, definition });
    },
  };
}
export type Records = ReturnType<typeof createRecords>;
