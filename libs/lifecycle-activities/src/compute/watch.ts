import { join } from 'node:path';
import type { SegmentRef } from '@mettle/contracts';
import { compact } from '@mettle/datasets';
import { pastOf } from '@mettle/promotion';
import { measurePair, runMonitors } from '@mettle/monitoring';
import type { ComputeDeps } from './deps.ts';
import type { Memory } from './remember.ts';
import type { Records } from './records.ts';
import type { ComputeHandlers } from '../handlers.ts';

/** What every step of the clock may ask: new data in, figures out. */
export function watchActivities({ db, blobs, home }: ComputeDeps, records: Records, remember: Memory): Pick<ComputeHandlers, 'compact' | 'measure' | 'monitor'> {
  return {
    compact: (input) => remember('compact', input, async () => {
      const segments: SegmentRef[] = [];
      for (const batch of new Set(input.raws.map((raw) => raw.batch))) {
        segments.push(...(await compact({ db, blobs, raws: input.raws.filter((raw) => raw.batch === batch), services: input.services })));
      }
      return { segments };
    }),
    measure: (input) => remember('measure', input, async () => {
      const { catalogue, plan, champion, candidate, cohort, watermark, challengeFrom, phase, earlier } = input;
      const [sealed, { policy, model }] = await Promise.all([records.catalogue(catalogue), records.plan(plan)]);
      const past = pastOf(await Promise.all(earlier.map(async ({ state, reversed }) => ({ reversed, slots: await records.successSlots(state, policy.success.metric) }))), cohort.from, policy.slot.width);
      const measured = await measurePair({ db, blobs, catalogue: sealed, policy, space: model, champion, candidate, cohort, watermark, challengeFrom, phase, past });
      return { measured, state: await blobs.putJson(measured) };
    }),
    monitor: (input) => remember('monitor', input, async () => {
      const { catalogue, plan, watermark, before, champion, referenceProfile, referenceLoss, championSince } = input;
      const [sealed, declared] = await Promise.all([records.catalogue(catalogue), records.plan(plan)]);
      return runMonitors({ db, blobs, catalogue: sealed, plan: declared, watermark, ...(before == null ? {} : { before }), champion, referenceProfile, referenceLoss, championSince, definitionOf: records.definitionIn(sealed), cacheDir: join(home, 'cache') });
    }),
  };
}
