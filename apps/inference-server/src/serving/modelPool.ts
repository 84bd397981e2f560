import { Fitted, MettleError, type RouteTable } from '@mettle/contracts';
import type { BlobStore } from '@mettle/blob-store';
import { compileService, ServiceDefinition, type CompiledService } from '@mettle/feature-language';
import { loadModel, type LoadedModel } from '@mettle/inference';

export type VersionFiles = RouteTable['files'][string];

/** A model in memory, with the feature service that it was trained on. */
export interface PooledModel {
  readonly model: LoadedModel;
  readonly service: CompiledService;
  /** Frees it once nobody else holds it. */
  release(): void;
}

/** Models in memory by their files: tables that name the same files share one. */
export interface ModelPool {
  /** @throws MettleError UNKNOWN_BLOB | CORRUPT_BLOB | NOT_ONNX | EXTERNAL_DATA | SIGNATURE_MISMATCH | SERVICE_MISMATCH | MODEL_UNAVAILABLE */
  acquire(version: string, files: VersionFiles): Promise<PooledModel>;
}

export function createModelPool(blobs: BlobStore, onError: (error: unknown) => void): ModelPool {
  const held = new Map<string, { users: number; loading: Promise<{ model: LoadedModel; service: CompiledService }> }>();
  /** By definition blob; a service is some hundred kilobytes at most and there are few. */
  const services = new Map<string, CompiledService>();

  const serviceOf = async (version: string, { definition, service }: VersionFiles): Promise<CompiledService> => {
    if (definition === null || service === null) throw new MettleError('MODEL_UNAVAILABLE', `${version} has no feature service, so it cannot answer`, { version });
    let compiled = services.get(definition);
    if (compiled === undefined) services.set(definition, (compiled = compileService(await blobs.getJson(definition, ServiceDefinition))));
    if (compiled.hash !== service) throw new MettleError('SERVICE_MISMATCH', `the definition of ${version} is another service`, { version, expected: service, found: compiled.hash });
    return compiled;
  };
  const load = async (version: string, files: VersionFiles): Promise<{ model: LoadedModel; service: CompiledService }> => {
    const service = await serviceOf(version, files);
    const fitted = files.fitted === null ? null : await blobs.getJson(files.fitted, Fitted);
    const model = await loadModel({ bytes: await blobs.get(files.file), fitted, definition: service.definition });
    // The probe at load was the first run; this one goes the way that requests go.
    await model.score([service.features.map(() => null)]);
    return { model, service };
  };

  return {
    async acquire(version, files) {
      const key = [files.file, files.fitted, files.service, files.definition].join(' ');
      let entry = held.get(key);
      if (entry === undefined) held.set(key, (entry = { users: 0, loading: load(version, files) }));
      const mine = entry;
      mine.users += 1;
      const leave = (): void => {
        mine.users -= 1;
        if (mine.users === 0 && held.get(key) === mine) held.delete(key);
      };
      try {
        const { model, service } = await mine.loading;
        let released = false;
        return {
          model,
          service,
          release() {
            if (released) return;
            released = true;
            leave();
            if (mine.users === 0) model.close().catch(onError);
          },
        };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}
