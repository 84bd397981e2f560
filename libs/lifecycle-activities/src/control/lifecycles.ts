import { ENDED_STATES, MettleError, sameVersion, type ControlActivities, type LifecycleStatus, type Phase, type TimeUs } from '@mettle/contracts';
import type { ControlDeps } from './deps.ts';

type LifecycleActivities = Pick<ControlActivities, 'register' | 'qualify' | 'putEvidence' | 'tickLifecycles' | 'updateEndpoint' | 'saveLifecycle'>;

const PAST_SHADOW: ReadonlySet<Phase> = new Set(['challenge', 'approve', 'promote', 'bake']);

/** What candidates ask of the registry and of the other workflows. */
export function lifecycleActivities({ registry, blobs, client }: ControlDeps): LifecycleActivities {
  const tickOne = async (id: string, watermark: TimeUs): Promise<LifecycleStatus> => {
    const stored = await registry.lifecycle(id).catch(() => null);
    let status: LifecycleStatus;
    try {
      status = await client.tick(id, watermark);
    } catch (error) {
      const gone = stored === null ? null : await client.whyGone(id);
      if (gone === null || stored === null) throw error;
      status = { ...stored.status, state: 'failed', waitsFor: `its workflow ended from outside: ${gone}`, waitsUntil: null, endedAt: watermark, reasons: [{ code: 'workflowGone', numbers: {} }] };
    }
    if (stored !== null) await registry.saveLifecycle(status, stored.spec);
    return status;
  };

  return {
    register: ({ key, manifest }) => registry.registerVersion(manifest, key, { createModel: true }),
    async qualify(input) {
      return { stage: await registry.recordQualification(input) };
    },
    putEvidence: async ({ evidence }) => ({ hash: await blobs.putJson(evidence) }),
    // One after the other, in the order given: two candidates must never race for one challenge.
    async tickLifecycles({ watermark, ids }) {
      const lifecycles: LifecycleStatus[] = [];
      for (const id of ids) lifecycles.push(await tickOne(id, watermark));
      return { lifecycles };
    },
    async updateEndpoint({ endpoint, decision }) {
      if (decision.action === 'startChallenge') {
        const open = await registry.lifecycles(endpoint, { open: true });
        const rival = open.find(({ status }) => PAST_SHADOW.has(status.phase) && !ENDED_STATES.includes(status.state) && !sameVersion(status.version, decision.version));
        if (rival !== undefined) throw new MettleError('CHALLENGE_TAKEN', `${rival.status.id} is past shadow`, { id: rival.status.id, phase: rival.status.phase });
      }
      return client.decide({ share: null, ...decision });
    },
    async saveLifecycle({ status, spec }) {
      await registry.saveLifecycle({ waitsUntil: null, ...status }, { service: null, trainer: null, snapshot: null, initial: false, note: '', by: null, ...spec });
      return {};
    },
  };
}
