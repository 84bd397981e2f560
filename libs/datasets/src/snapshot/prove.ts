import { join } from 'node:path';
import type { BlobStore } from '@mettle/blob-store';
import { hashOf, isBatch, serviceOfVectors, SnapshotManifest, type Catalogue, type ParityReport } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { hashOfService, type ServiceDefinition } from '@mettle/feature-language';
import { auditLog, proveSnapshot, type Comparison } from '@mettle/feature-store';
import { remembered } from './remembered.ts';
import { eventFilesOf, spineFile } from './spine.ts';

interface ProofInput {
  readonly db: Db;
  readonly blobs: BlobStore;
  readonly catalogue: Catalogue;
  /** Where proofs are remembered: content that was proved once stays proved. */
  readonly cacheDir: string;
}

/** Nothing compared is no proof. */
async function report(blobs: BlobStore, comparisons: readonly Comparison[]): Promise<ParityReport> {
  const rows = comparisons.reduce((sum, one) => sum + one.rows, 0);
  const mismatches = comparisons.reduce((sum, one) => sum + one.mismatches, 0);
  const samples = comparisons.flatMap((one) => one.samples).slice(0, 100);
  return { verdict: rows === 0 ? 'undetermined' : mismatches === 0 ? 'pass' : 'fail', rows, mismatches, report: await blobs.putJson({ v: 1, rows, mismatches, samples }) };
}

/** Recomputes a data version's vectors through the serving path, and compares bits; partition by partition, each once. */
export async function proveParity(input: ProofInput & { snapshot: string; definition: ServiceDefinition }): Promise<ParityReport> {
  const { db, blobs, catalogue, definition } = input;
  const manifest = await blobs.getJson(input.snapshot, SnapshotManifest);
  const eventFiles = await eventFilesOf(input, catalogue);
  const comparisons: Comparison[] = [];
  for (const { hash, range } of manifest.partitions) {
    comparisons.push(
      await remembered(join(input.cacheDir, 'proofs'), hashOf({ v: 1, endpoint: catalogue.endpoint, service: hashOfService(definition), partition: hash, range }), async () => {
        const spine = await spineFile(input, catalogue, range);
        return proveSnapshot({ db, definition, eventFiles, spine: { files: spine === null ? [] : [spine] }, vectorsFile: await blobs.path(hash) });
      }),
    );
  }
  return report(blobs, comparisons);
}

/**
 * Recomputes every logged vector of a range the other way: what was served in batch, at its T and at the positions that
 * it was read at; what was scored in batch through the serving path, as known at its T.
 */
export async function auditVectors(input: ProofInput & { from: number; to: number; definitionOf: (service: string) => Promise<ServiceDefinition> }): Promise<ParityReport> {
  const { db, blobs, catalogue, from, to } = input;
  const eventFiles = await eventFilesOf(input, catalogue);
  const segments = catalogue.segments.filter((one) => one.table === 'vectors' && one.rows > 0 && one.range.from < to && one.range.to > from);
  const comparisons: Comparison[] = [];
  for (const service of [...new Set(segments.map(serviceOfVectors))].sort()) {
    const definition = await input.definitionOf(service);
    const filesOf = (batch: boolean): Promise<string[]> => Promise.all(segments.filter((one) => serviceOfVectors(one) === service && isBatch(one) === batch).map((one) => blobs.path(one.hash)));
    const vectorFiles = await filesOf(false);
    if (vectorFiles.length > 0) comparisons.push(await auditLog({ db, definition, eventFiles, vectorFiles }));
    // One file at a time: what was asked twice may be there twice, with another request.
    for (const file of await filesOf(true)) comparisons.push(await proveSnapshot({ db, definition, eventFiles, spine: { files: [file] }, vectorsFile: file }));
  }
  return report(blobs, comparisons);
}
