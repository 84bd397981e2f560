import { versionKey, type ModelManifestInput } from '@mettle/contracts';
import { local } from '../activities.ts';
import { LIFECYCLE, type Story } from '../story.ts';
import type { Trained } from './train.ts';

/** Gives the candidate its number, with all of its lineage. */
export async function register(story: Story, { snapshot, service, trainer, file, offline }: Trained): Promise<void> {
  const { spec, plan } = story;
  story.enter('register', 'it is registered');
  const { champion } = await local('read the champion').endpointHead({ endpoint: spec.endpoint });
  const manifest: ModelManifestInput = {
    v: 1,
    model: plan.model.model,
    file: file.file,
    bytes: file.bytes,
    opset: file.opset,
    task: plan.model.task,
    signature: offline.signature,
    origin: 'trained',
    featureService: service,
    snapshot: snapshot.manifest,
    fitted: file.fitted,
    environment: file.environment,
    code: file.code,
    trainer,
    referenceProfile: snapshot.profile,
    parent: champion?.version ?? null,
    offline: offline.holdout,
    parity: null,
    attested: null,
    createdAt: story.now(),
    by: spec.by ?? LIFECYCLE,
  };
  const version = await local('register the version').register({ key: `${story.status.id}/register`, manifest });
  story.set({ version: { model: version.model, version: version.version }, waitsFor: `${versionKey(version)} is registered` });
}
