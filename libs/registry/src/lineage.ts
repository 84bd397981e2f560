import type { ModelManifestInput } from '@mettle/contracts';

/** What DESIGN 4.5 demands of a version before it may leave development; `parent` may be null: a first version has none. */
const REQUIRED = ['snapshot', 'featureService', 'trainer', 'environment', 'code', 'referenceProfile', 'fitted'] as const;

/** Lineage fields that the manifest lacks and that no principal attested, in a fixed order. */
export function missingLineage(manifest: Omit<ModelManifestInput, 'model'>): string[] {
  const absent: string[] = REQUIRED.filter((field) => manifest[field] === null);
  if (manifest.signature.inputs.length === 0 || manifest.signature.outputs.length === 0) absent.push('signature');
  if (Object.keys(manifest.offline).length === 0) absent.push('offline');
  const attested = new Set(manifest.attested?.fields ?? []);
  return absent.filter((field) => !attested.has(field));
}
