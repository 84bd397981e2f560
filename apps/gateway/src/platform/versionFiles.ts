import { MettleError, versionKey, type ActivityInput, type TimeUs, type VersionRef } from '@mettle/contracts';
import type { Platform } from './platform.ts';

/**
 * What scoring with a version needs.
 * @param from since when it scores, in a schedule of versions
 * @throws MettleError UNKNOWN_VERSION | LINEAGE_INCOMPLETE when it names no feature service
 */
export async function versionFiles({ registry, services }: Pick<Platform, 'registry' | 'services'>, version: VersionRef, from: TimeUs): Promise<ActivityInput<'score'>['schedule'][number]> {
  const { manifest } = await registry.version(version);
  if (manifest.featureService === null || manifest.fitted === null) {
    throw new MettleError('LINEAGE_INCOMPLETE', `${versionKey(version)} names no feature service: its inputs cannot be rebuilt`, { version: versionKey(version), missing: ['featureService'] });
  }
  const { hash, blob } = await services.get(manifest.featureService);
  return { from, file: manifest.file, fitted: manifest.fitted, service: hash, definition: blob };
}
