import { MettleError, type Catalogue, type Hash, type RawSegment, type TimeUs } from '@mettle/contracts';
import type { ControlDeps } from './deps.ts';
import type { ControlHandlers } from '../handlers.ts';

type DataActivities = Pick<ControlHandlers, 'sealLogs' | 'registerSegments' | 'registerBatch' | 'catalogue' | 'loadService' | 'loadSnapshot' | 'saveSnapshot'>;

/** From the logs to the catalogue: what a watermark may know. */
export function dataActivities({ registry, blobs, plane }: ControlDeps): DataActivities {
  const catalogues = new Map<string, Hash>();
  const services = async (): Promise<Record<string, Hash>> => {
    const definitions = await registry.definitions('featureService');
    return Object.fromEntries(definitions.flatMap(({ hash, blob }) => (blob === null ? [] : [[hash, blob]])));
  };
  const store = async (endpoint: string, watermark: TimeUs): Promise<Hash> => {
    const [segments, definitions] = await Promise.all([registry.segmentsUpTo(endpoint, watermark), services()]);
    const catalogue: Catalogue = { v: 1, endpoint, watermark, segments, services: definitions };
    const hash = await blobs.putJson(catalogue);
    // Lifecycles ask for the catalogue of the step that is running: the last few are enough.
    if (catalogues.size > 8) for (const key of catalogues.keys()) if (catalogues.size > 8) catalogues.delete(key);
    catalogues.set(`${endpoint}/${watermark}`, hash);
    return hash;
  };

  return {
    async sealLogs({ endpoint, watermark }) {
      const [reached, definitions] = await Promise.all([registry.watermark(endpoint), services()]);
      // What has come since belongs to the next step.
      if (reached !== null && reached >= watermark) return { raws: [], services: definitions };
      const { fresh, stale } = await registry.openPieces(endpoint, await plane.seal(endpoint, watermark));
      // Registered in a life that ended before it could say so, or by another endpoint's step.
      if (stale.length > 0) await plane.forget(stale);
      const several = new Set(fresh.flatMap(({ batch }) => (batch === undefined ? [] : [batch]))).size > 1;
      return { raws: fresh.map(({ batch, ...piece }): RawSegment => (several && batch !== undefined ? { ...piece, batch } : piece)).sort(byOrigin), services: definitions };
    },
    async registerSegments({ endpoint, watermark, raws, segments }) {
      const registered = await registry.registerStep({ endpoint, watermark, raws, segments });
      const done = registered ? raws.map((raw) => raw.hash) : (await registry.openPieces(endpoint, raws)).stale;
      const [catalogue] = await Promise.all([store(endpoint, watermark), plane.forget(done)]);
      return { catalogue };
    },
    async registerBatch({ endpoint, segments }) {
      await registry.registerAfterWatermark(endpoint, segments);
      return {};
    },
    catalogue: async ({ endpoint, watermark }) => ({ catalogue: catalogues.get(`${endpoint}/${watermark}`) ?? (await store(endpoint, watermark)) }),
    async loadService({ service }) {
      const definition = await registry.definition(service);
      if (definition === null || definition.blob === null) throw new MettleError('UNKNOWN_SERVICE', 'no such feature service is registered', { service });
      return { definition: definition.blob };
    },
    loadSnapshot: ({ snapshot }) => registry.snapshot(snapshot),
    async saveSnapshot({ endpoint, snapshot }) {
      await registry.saveSnapshot(snapshot, endpoint);
      return {};
    },
  };
}

const byOrigin = (a: RawSegment, b: RawSegment): number =>
  compare(a.log, b.log) || compare(a.writer, b.writer) || a.sequences.from - b.sequences.from || compare(a.hash, b.hash);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
