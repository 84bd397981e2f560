import { z } from 'zod';
import { Hash, MettleError, Name, ParityReport, Range, SpineManifest, TimeUs, VersionRef, computeActivities, labelSpaceOf, versionKey, type LabelSpace, type Snapshot } from '@mettle/contracts';
import { rowLoss } from '@mettle/evaluation';
import { READERS } from '../auth/guard.ts';
import type { Platform } from '../platform/platform.ts';
import { catalogueAt } from '../platform/catalogue.ts';
import { versionFiles } from '../platform/versionFiles.ts';
import { allow, rest, router } from '../trpc/init.ts';

const ANALYSTS = ['scientist', 'platform'] as const;
/** Everything of the endpoint that was sealed up to `watermark` (default: all). */
const scope = z.object({ endpoint: Name, watermark: TimeUs.optional() });
const Trained = z.object({ file: Hash, fitted: Hash, service: Hash, definition: Hash, snapshot: Hash });
const schedule = z.array(z.union([
  z.object({ from: TimeUs, version: VersionRef }),
  z.object({ from: TimeUs, file: Hash, fitted: Hash, service: Hash, definition: Hash }),
])).min(1).max(1_000);
const Losses = computeActivities.score.output;
/** What the rows are judged by: a mean of row losses of the endpoint's task; default: what its policy decides by. */
const metric = z.string().max(100).optional();

/** Long work over sealed data: each call runs durably, and the same call again returns the first result. */
export const batch = router({
  score: allow(ANALYSTS)
    .meta(rest('POST', '/batch/{endpoint}/score', 'Score the logged vectors of a range with a version, or with versions by time'))
    .input(scope.extend({ range: Range, schedule, metric }))
    .output(Losses)
    .mutation(async ({ ctx: { platform }, input }) => {
      const { catalogue } = await catalogueAt(platform, input.endpoint, input.watermark);
      const resolved = await Promise.all(input.schedule.map((entry) => ('version' in entry ? versionFiles(platform, entry.version, entry.from) : entry)));
      return platform.workflows.compute('score', { key: versionKeyOf(input.schedule), catalogue, range: input.range, schedule: resolved, ...(await judgingOf(platform, input)) });
    }),

  scoreRows: allow(ANALYSTS)
    .meta(rest('POST', '/batch/{endpoint}/rows', 'Score an uploaded spine, as known at each T, or a data version; logged with origin batch from the next step of the clock'))
    .input(scope.extend({ version: VersionRef, source: computeActivities.scoreRows.input.shape.source }))
    .output(computeActivities.scoreRows.output)
    .mutation(async ({ ctx: { platform }, input: { endpoint, watermark: asked, version, source } }) => {
      const { catalogue, watermark } = await catalogueAt(platform, endpoint, asked);
      const { from: _from, ...files } = await versionFiles(platform, version, 0);
      if (source.kind === 'snapshot') await platform.registry.snapshot(source.snapshot);
      else checkSpine(await platform.blobs.getJson(source.spine, SpineManifest), { endpoint, watermark });
      return platform.workflows.compute('scoreRows', { key: versionKey(version), catalogue, source, version, ...files });
    }),

  servedLoss: allow(READERS)
    .meta(rest('POST', '/batch/{endpoint}/served', 'The loss of what was served, by month and week'))
    .input(scope.extend({ range: Range, metric }))
    .output(computeActivities.servedLoss.output)
    .mutation(async ({ ctx: { platform }, input }) => {
      const { catalogue } = await catalogueAt(platform, input.endpoint, input.watermark);
      return platform.workflows.compute('servedLoss', { key: 'served', catalogue, range: input.range, ...(await judgingOf(platform, input)) });
    }),

  audit: allow(ANALYSTS)
    .meta(rest('POST', '/batch/{endpoint}/audit', 'Recompute every logged vector of a range in batch, as known at its T, and compare bits'))
    .input(scope.extend({ range: Range }))
    .output(ParityReport)
    .mutation(async ({ ctx: { platform }, input }) => {
      const { catalogue } = await catalogueAt(platform, input.endpoint, input.watermark);
      return platform.workflows.compute('auditParity', { key: 'audit', catalogue, subject: { kind: 'log', range: input.range } });
    }),

  trainOffline: allow(ANALYSTS)
    .meta(rest('POST', '/batch/{endpoint}/train', 'Train the endpoint\'s recipe (or another feature service) on what was known at asOf; nothing is registered'))
    .input(scope.extend({ asOf: TimeUs, service: z.string().optional() }))
    .output(Trained)
    .mutation(async ({ ctx: { platform }, input: { endpoint, watermark, asOf, service: wanted } }) => {
      const { plan } = await platform.registry.endpointPlan(endpoint);
      const { catalogue } = await catalogueAt(platform, endpoint, watermark ?? asOf);
      const { hash: service, blob: definition } = await platform.services.get(wanted ?? plan.model.service);
      const { lookback, holdout, model, trainer } = plan.model;
      const space = labelSpaceOf(plan.model);
      const range = { from: lookback === null ? 0 : asOf - lookback, to: asOf };
      const snapshot: Snapshot = await platform.workflows.compute('joinSnapshot', { key: `offline/${asOf}`, catalogue, service, definition, asOf, range, space });
      const trained = await platform.workflows.compute('train', { key: `offline/${asOf}`, model, ...space, trainer, snapshot: snapshot.manifest, definition, holdoutFrom: asOf - holdout });
      return { file: trained.file, fitted: trained.fitted, service, definition, snapshot: snapshot.manifest };
    }),

  files: allow(READERS)
    .meta(rest('GET', '/batch/files/{model}/{version}', 'What batch scoring needs of a version'))
    .input(z.object({ model: Name, version: z.int().min(1) }))
    .output(z.object({ file: Hash, fitted: Hash, service: Hash, definition: Hash }))
    .query(async ({ ctx: { platform }, input }) => {
      const { from: _from, ...files } = await versionFiles(platform, input, 0);
      return files;
    }),
});

const versionKeyOf = (entries: z.infer<typeof schedule>): string => entries.map((entry) => ('version' in entry ? versionKey(entry.version) : entry.file.slice(0, 12))).join(',').slice(0, 200);

/** @throws MettleError INVALID_INPUT for a metric that is no mean of row losses of the endpoint's task */
async function judgingOf({ registry }: Platform, { endpoint, metric: asked }: { endpoint: string; metric?: string | undefined }): Promise<{ space: LabelSpace; metric: string }> {
  const { plan: { model, policy } } = await registry.endpointPlan(endpoint);
  return { space: labelSpaceOf(model), metric: rowLoss(model.task, asked ?? policy.success.metric, model.classes).metric };
}

/** What becomes known after the watermark is not sealed: a row of a later T could not be joined as known at its T. */
function checkSpine(spine: SpineManifest, { endpoint, watermark }: { endpoint: string; watermark: TimeUs }): void {
  if (spine.endpoint !== endpoint) throw new MettleError('INVALID_INPUT', `the spine was uploaded for endpoint '${spine.endpoint}'`, { endpoint: spine.endpoint });
  const last = spine.range.to - 1;
  if (last > watermark) throw new MettleError('INVALID_INPUT', 'a T of the spine lies after the watermark: what is known at it is not sealed', { column: 'at', last, watermark });
}
