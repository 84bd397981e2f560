import { MettleError, type Catalogue, type Hash, type TimeUs } from '@mettle/contracts';
import type { Platform } from './platform.ts';

/**
 * The blob that lists everything of an endpoint that was sealed up to a watermark.
 * @param watermark default: the endpoint's own
 * @throws MettleError UNKNOWN_ENDPOINT | INVALID_TRANSITION before the first step of its clock
 */
export async function catalogueAt({ registry, services, blobs }: Pick<Platform, 'registry' | 'services' | 'blobs'>, endpoint: string, watermark?: TimeUs): Promise<{ catalogue: Hash; watermark: TimeUs }> {
  await registry.endpointPlan(endpoint);
  const at = watermark ?? (await registry.watermark(endpoint));
  if (at === null) throw new MettleError('INVALID_TRANSITION', `nothing of '${endpoint}' is sealed: advance its watermark first`, { endpoint });
  const segments = await registry.segmentsUpTo(endpoint, at);
  const definitions = Object.fromEntries((await services.list()).map((service) => [service.hash, service.blob]));
  const catalogue: Catalogue = { v: 1, endpoint, watermark: at, segments, services: definitions };
  return { catalogue: await blobs.putJson(catalogue), watermark: at };
}
