import { join } from 'node:path';
import { buildSnapshot, auditVectors, proveParity } from '@mettle/datasets';
import type { ComputeHandlers } from '../handlers.ts';
import type { ComputeDeps } from './deps.ts';
import type { Memory } from './remember.ts';
import type { Records } from './records.ts';

/** Data versions, and the proof that they are what serving computes. */
export function snapshotActivities({ db, blobs, home }: ComputeDeps, records: Records, remember: Memory): Pick<ComputeHandlers, 'joinSnapshot' | 'auditParity'> {
  const cacheDir = join(home, 'cache');
  return {
    joinSnapshot: (input) => remember('joinSnapshot', input, async () => {
      const { catalogue, definition, asOf, range } = input;
      const [sealed, service] = await Promise.all([records.catalogue(catalogue), records.definition(definition)]);
      return buildSnapshot({ db, blobs, catalogue: sealed, definition: service, asOf, range, cacheDir });
    }),
    auditParity: (input) => remember('auditParity', input, async () => {
      const { catalogue: hash, subject } = input;
      const catalogue = await records.catalogue(hash);
      if (subject.kind === 'log') {
        const definitionOf = (service: string) => records.definition(catalogue.services[service] ?? service);
        return auditVectors({ db, blobs, catalogue, cacheDir, from: subject.range.from, to: subject.range.to, definitionOf });
      }
      return proveParity({ db, blobs, catalogue, cacheDir, snapshot: subject.snapshot, definition: await records.definition(subject.definition) });
    }),
  };
}
