import { join } from 'node:path';
import { auditVectors, buildSnapshot, proveParity } from '@mettle/datasets';
import type { ComputeHandlers } from '../handlers.ts';
import type { ComputeDeps } from './deps.ts';
import type { Memory } from './remember.ts';
import type { Records } from './records.ts';

/** Training sets, and the proof that serving would have computed the same. */
export function snapshotActivities({ db, blobs, home }: ComputeDeps, records: Records, remember: Memory): Pick<ComputeHandlers, 'joinSnapshot' | 'auditParity'> {
  const cacheDir = join(home, 'cache');
  return {
    joinSnapshot: (input) => remember('joinSnapshot', input, async () => {
      const [catalogue, definition] = await Promise.all([records.catalogue(input.catalogue), records.definition(input.definition)]);
      return buildSnapshot({ db, blobs, catalogue, definition, asOf: input.asOf, range: input.range, space: input.space, cacheDir });
    }),
    auditParity: (input) => remember('auditParity', input, async () => {
      const catalogue = await records.catalogue(input.catalogue);
      const { subject } = input;
      if (subject.kind === 'snapshot') return proveParity({ db, blobs, catalogue, snapshot: subject.snapshot, definition: await records.definition(subject.definition), cacheDir });
      return auditVectors({ db, blobs, catalogue, from: subject.range.from, to: subject.range.to, definitionOf: records.definitionIn(catalogue), cacheDir });
    }),
  };
}
