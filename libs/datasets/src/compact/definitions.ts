import type { BlobStore } from '@mettle/blob-store';
import { MettleError } from '@mettle/contracts';
import { compileService, hashOfService, ServiceDefinition, type CompiledService, type SourceIR } from '@mettle/feature-language';

/** Definitions are immutable, so what was compiled once is kept for the life of the process. */
const compiled = new Map<string, CompiledService>();

function remember(definition: ServiceDefinition): CompiledService {
  const hash = hashOfService(definition);
  const known = compiled.get(hash);
  if (known !== undefined) return known;
  const service = compileService(definition);
  compiled.set(hash, service);
  return service;
}

/** The services that logged rows may refer to, by hash. */
export type Services = {
  /** @throws MettleError UNKNOWN_SERVICE */
  service(hash: string): CompiledService;
  /** Every declaration of a source: services may know it with more or fewer columns. */
  sources(name: string): SourceIR[];
};

/** From definitions at hand and from definition blobs by service hash. */
export async function loadServices(blobs: BlobStore, definitions: readonly ServiceDefinition[], refs: Readonly<Record<string, string>>): Promise<Services> {
  const services = new Map(definitions.map((definition) => [hashOfService(definition), remember(definition)]));
  for (const [hash, blob] of Object.entries(refs)) {
    if (!services.has(hash)) services.set(hash, compiled.get(hash) ?? remember(await blobs.getJson(blob, ServiceDefinition)));
  }
  return {
    service(hash) {
      const found = services.get(hash);
      if (found === undefined) throw new MettleError('UNKNOWN_SERVICE', `logged vectors refer to feature service ${hash}`, { service: hash });
      return found;
    },
    sources: (name) => [...services.values()].flatMap(({ definition }) => definition.sources.filter((source) => source.name === name)),
  };
}
