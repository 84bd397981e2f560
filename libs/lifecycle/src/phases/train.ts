import { labelSpaceOf, type ActivityInput, type ComputeActivities, type Hash, type ParityReport, type Policy, type Snapshot, type TimeUs, type TrainerRun } from '@mettle/contracts';
import { compute, local } from '../activities.ts';
import type { Story } from '../story.ts';

type File = Awaited<ReturnType<ComputeActivities['train']>>;
type Measured = Awaited<ReturnType<ComputeActivities['evaluateOffline']>>;

/** What training left behind. */
export interface Trained {
  readonly snapshot: Snapshot;
  readonly service: Hash;
  readonly trainer: TrainerRun;
  readonly file: File;
  /** The file's own figures on the same rows, through the serving runtime. */
  readonly offline: Measured;
  /** Whether serving would have computed the same training set. */
  readonly parity: ParityReport;
}

/** Joins everything known at the watermark (or takes the data version given), trains on it while its parity is proved, and measures the file. */
export async function train(story: Story): Promise<Trained> {
  const { spec, plan, status } = story;
  story.enter('train', 'it joins its training set');
  const service = spec.service ?? plan.model.service;
  const trainer = spec.trainer ?? plan.model.trainer;
  const at = story.now();
  const [{ definition }, { catalogue }] = await Promise.all([
    local('read the feature service').loadService({ service }),
    local('read the catalogue').catalogue({ endpoint: spec.endpoint, watermark: at }),
  ]);
  const snapshot = spec.snapshot === null ? await join(story, { service, definition, catalogue, at }) : await local('read the snapshot').loadSnapshot({ snapshot: spec.snapshot });
  story.set({ snapshot: snapshot.manifest, waitsFor: `${trainer.name} trains on ${snapshot.labelled} rows` });

  const holdoutFrom = snapshot.asOf - plan.model.holdout;
  const common = { definition, ...labelSpaceOf(plan.model), snapshot: snapshot.manifest, holdoutFrom };
  // The proof concerns the training set alone, so it need not wait for the training.
  const [file, parity] = await Promise.all([
    compute(`train ${plan.model.model} on ${snapshot.labelled} rows`).train({ ...common, key: `${status.id}/train`, model: plan.model.model, trainer }),
    compute('prove parity of the training set with serving').auditParity({ key: `${status.id}/parity`, catalogue, subject: { kind: 'snapshot', snapshot: snapshot.manifest, service, definition } }),
  ]);
  story.set({ waitsFor: 'its metrics are computed again from the file' });
  const offline = await compute('score the training set through the serving runtime').evaluateOffline({ ...common, key: `${status.id}/evaluate`, file: file.file, fitted: file.fitted, metrics: namedMetrics(plan.policy) });
  return { snapshot, service, trainer, file, offline, parity };
}

/** What the policy decides and bounds by: its record is kept, whether or not every model of the task has it. */
const namedMetrics = ({ success, guardrails, offline }: Policy): string[] => [...new Set([success, ...guardrails, ...offline.bounds].map(({ metric }) => metric))];

async function join(story: Story, { service, definition, catalogue, at }: { service: Hash; definition: Hash; catalogue: Hash; at: TimeUs }): Promise<Snapshot> {
  const { lookback } = story.plan.model;
  const input: ActivityInput<'joinSnapshot'> = {
    key: `${story.status.id}/join`, catalogue, service, definition, asOf: at,
    range: { from: lookback === null ? 0 : Math.max(0, at - lookback), to: at }, space: labelSpaceOf(story.plan.model),
  };
  const snapshot = await compute('join the training set as known at each T').joinSnapshot(input);
  await local('record the snapshot').saveSnapshot({ endpoint: story.spec.endpoint, snapshot });
  return snapshot;
}
