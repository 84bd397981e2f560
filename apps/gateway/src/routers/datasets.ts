import { z } from 'zod';
import { Hash, MettleError, Name, isBatch, LabelInput, labelProblem, ObservationInput, Snapshot, SnapshotManifest } from '@mettle/contracts';
import { READERS } from '../auth/guard.ts';
import type { Platform } from '../platform/platform.ts';
import { tallyOf } from '../platform/tally.ts';
import { allow, rest, router } from '../trpc/init.ts';
import { EventBatch, Pushed, pushEvents } from './features.ts';

const MAX_BATCH = 5_000;

const MAX_SOURCES = 64;

const LabelBatch = z.object({ endpoint: Name, labels: z.array(LabelInput).max(MAX_BATCH) });
const Accepted = z.object({ accepted: z.int(), duplicates: z.int() });

async function pushLabels(platform: Platform, { endpoint, labels }: z.infer<typeof LabelBatch>): Promise<z.infer<typeof Accepted>> {
  const { clock, space } = await platform.lastingOf(endpoint);
  labels.forEach(({ target, value }, i) => {
    if ('endpoint' in target && target.endpoint !== endpoint) {
      throw new MettleError('INVALID_INPUT', `labels.${i}.target.endpoint is '${target.endpoint}', and the labels are pushed to '${endpoint}'`, { field: `labels.${i}.target.endpoint` });
    }
    const problem = labelProblem(space, value);
    if (problem !== null) throw new MettleError('OUT_OF_RANGE', `labels.${i}.value is ${value}: ${problem}`, { field: `labels.${i}.value`, value, task: space.task });
  });
  return platform.labels.append(labels, clock);
}

/** Observations, labels, data versions, and how much of each there is. Snapshots' bytes travel by the routes of http/files.ts. */
export const datasets = router({
  pushObservations: allow(['scientist', 'platform'])
    .meta(rest('POST', '/datasets/{endpoint}/observations', 'Import what was to be predicted, without a prediction of ours'))
    .input(z.object({ endpoint: Name, observations: z.array(ObservationInput).max(MAX_BATCH) }))
    .output(z.object({ accepted: z.int(), duplicates: z.int() }))
    .mutation(async ({ ctx: { platform }, input }) => {
      const { plan } = await platform.registry.endpointPlan(input.endpoint);
      const { compiled } = await platform.services.get(plan.model.service);
      for (const one of input.observations) compiled.checkRequest(one.keys, one.request);
      return platform.observations.append(input.endpoint, input.observations);
    }),

  pushLabels: allow(['scientist', 'platform'])
    .meta(rest('POST', '/datasets/{endpoint}/labels', 'Push outcomes; one for an unknown prediction is parked'))
    .input(LabelBatch)
    .output(Accepted)
    .mutation(({ ctx: { platform }, input }) => pushLabels(platform, input)),

  push: allow(['scientist', 'platform'])
    .meta(rest('POST', '/datasets/push', 'Push what became known in one call: events by source, and outcomes. Each batch counts whole or not at all; after an error, the same call again repeats nothing'))
    .input(z.object({ events: z.array(EventBatch).max(MAX_SOURCES), labels: LabelBatch.nullable().default(null) }))
    .output(z.object({ events: z.array(Pushed), labels: Accepted.nullable() }))
    .mutation(async ({ ctx: { platform }, input }) => {
      const [events, labels] = await Promise.all([
        Promise.all(input.events.map((batch) => pushEvents(platform, batch))),
        input.labels === null ? null : pushLabels(platform, input.labels),
      ]);
      return { events, labels };
    }),

  snapshots: allow(READERS)
    .meta(rest('GET', '/datasets/snapshots', 'Data versions, the newest asOf first'))
    .input(z.object({ endpoint: Name.optional() }))
    .output(z.array(Snapshot))
    .query(({ ctx: { platform }, input }) => platform.registry.snapshots(input.endpoint)),

  snapshot: allow(READERS)
    .meta(rest('GET', '/datasets/snapshots/{snapshot}', 'One data version and its manifest'))
    .input(z.object({ snapshot: Hash }))
    .output(z.object({ snapshot: Snapshot, manifest: SnapshotManifest }))
    .query(async ({ ctx: { platform }, input }) => ({
      snapshot: await platform.registry.snapshot(input.snapshot),
      manifest: await platform.blobs.getJson(input.snapshot, SnapshotManifest),
    })),

  counts: allow(READERS)
    .meta(rest('GET', '/datasets/{endpoint}/counts', 'Sealed rows by table, and what is not sealed yet'))
    .input(z.object({ endpoint: Name }))
    .output(z.object({
      endpoint: z.string(),
      /** Sealed rows by table, those of the shared logs whole; `predictions` and `vectors` count a row per scored version and per service, `batch <table>` those that were scored in batch. */
      sealed: z.record(z.string(), z.int()),
      segments: z.int(),
      snapshots: z.int(),
      predictions: z.int(),
      observations: z.int(),
      labels: z.int(),
      /** Labels of predictions that are not known (yet). */
      parkedLabels: z.int(),
      /** Labels whose outcome precedes the prediction that they name: never counted as its outcome. */
      earlyLabels: z.int(),
      /** Labels whose value is none of the endpoint's task: never counted. */
      unfitLabels: z.int(),
      /** Last sequence of each log of this process. */
      logged: z.object({ events: z.int(), labels: z.int(), observations: z.int() }),
    }))
    .query(async ({ ctx: { platform }, input: { endpoint } }) => {
      const { space } = await platform.lastingOf(endpoint);
      const segments = await platform.registry.segmentsUpTo(endpoint, Number.MAX_SAFE_INTEGER);
      const rest = (await platform.registry.endpoints()).filter((other) => other !== endpoint);
      const others = await Promise.all(rest.map((other) => platform.registry.segmentsUpTo(other, Number.MAX_SAFE_INTEGER)));
      const sealed: Record<string, number> = {};
      for (const segment of segments) {
        const table = isBatch(segment) ? `batch ${segment.table}` : segment.table;
        sealed[table] = (sealed[table] ?? 0) + segment.rows;
      }
      return {
        endpoint,
        sealed,
        segments: segments.length,
        snapshots: (await platform.registry.snapshots(endpoint)).length,
        ...(await tallyOf({ endpoint, space }, [...segments, ...others.flat().filter(({ table }) => table === 'predictions')], platform)),
        logged: { events: platform.events.last, labels: platform.labels.last, observations: platform.observations.last },
      };
    }),
});
