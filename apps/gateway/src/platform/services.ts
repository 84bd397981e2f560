import { MettleError, type Hash, type Principal } from '@mettle/contracts';
import type { BlobStore } from '@mettle/blob-store';
import { compileService, hashOfSource, hashOfView, parseDefinition, type CompiledService, type ServiceDefinition } from '@mettle/feature-language';
import type { Registry } from '@mettle/registry';

/** A registered feature service. */
export interface RegisteredService {
  readonly hash: Hash;
  readonly name: string;
  /** Blob of the self-contained definition. */
  readonly blob: Hash;
  readonly registeredAt: number;
  readonly compiled: CompiledService;
}

/** The feature services of the project, compiled once. */
export interface Services {
  /** Stores the definition, its sources, entities and views. Idempotent by hash. @returns whether it was new */
  save(definition: ServiceDefinition, by: Principal): Promise<{ service: RegisteredService; fresh: boolean }>;
  /** @param which a hash, or a name: its newest definition. @throws MettleError UNKNOWN_SERVICE */
  get(which: string): Promise<RegisteredService>;
  /** Oldest first. */
  list(): Promise<RegisteredService[]>;
}

export function openServices({ registry, blobs }: { registry: Registry; blobs: BlobStore }): Services {
  /** By hash; definitions never change. */
  const known = new Map<Hash, RegisteredService>();
  const opened = (row: Awaited<ReturnType<Registry['definitions']>>[number]): RegisteredService => {
    let service = known.get(row.hash);
    if (service === undefined) {
      service = { hash: row.hash, name: row.name, blob: row.blob ?? '', registeredAt: row.registeredAt, compiled: compileService(parseDefinition(row.json)) };
      known.set(row.hash, service);
    }
    return service;
  };
  const list = async (): Promise<RegisteredService[]> => (await registry.definitions('featureService')).map(opened);

  return {
    async save(definition, by) {
      const compiled = compileService(definition);
      const held = await registry.definition(compiled.hash);
      if (held !== null) return { service: opened(held), fresh: false };
      const blob = await blobs.putJson(definition);
      const parts = [
        ...definition.sources.map((json) => ({ kind: 'source' as const, hash: hashOfSource(json), json })),
        ...definition.views.map((json) => ({ kind: 'featureView' as const, hash: hashOfView(json), json })),
      ];
      for (const { kind, hash, json } of parts) await registry.saveDefinition({ hash, kind, name: json.name, json, blob: null, by });
      // The service comes last: whoever sees it finds everything that it refers to.
      const fresh = await registry.saveDefinition({ hash: compiled.hash, kind: 'featureService', name: compiled.name, json: definition, blob, by });
      const row = await registry.definition(compiled.hash);
      if (row === null) throw new MettleError('INTERNAL', 'a stored definition cannot be read', { service: compiled.hash });
      return { service: opened(row), fresh };
    },
    async get(which) {
      const direct = known.get(which);
      if (direct !== undefined) return direct;
      const services = await list();
      const found = services.find((one) => one.hash === which) ?? services.filter((one) => one.name === which).at(-1);
      if (found === undefined) throw new MettleError('UNKNOWN_SERVICE', `no feature service '${which}' is registered`, { service: which, known: [...new Set(services.map((one) => one.name))] });
      return found;
    },
    list,
  };
}
