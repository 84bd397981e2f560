import { ENDED_STATES, MettleError, sameVersion, type LifecycleStatus, type Phase, type TimeUs } from '@mettle/contracts';
import type { ControlDeps } from './deps.ts';
import type { ControlHandlers } from '../handlers.ts';

type LifecycleActivities = Pick<ControlHandlers, 'register' | 'qualify' | 'putEvidence' | 'tickLifecycles' | 'advanceClock' | 'updateEndpoint' | 'saveLifecycle'>;

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
      status = { ...stored.status, state: 'failed', waitsFor: `its workflow ended from outside: ${gone}`, waitsUntil: null, endedAt: watermark, reasons: [{ code: 'WORKFLOW_GONE', numbers: {} }] };
    }
    // One that was started in this step may have stored itself only meanwhile.
    const known = stored ?? (await registry.lifecycle(id).catch(() => null));
    if (known !== null) await registry.saveLifecycle(status, known.spec);
    return status;
  };

  return {
    register: ({ key, manifest }) => registry.registerVersion(manifest, key, { createModel: true }),
    qualify: (input) => registry.recordQualification(input),
    putEvidence: async ({ evidence }) => ({ hash: await blobs.putJson(evidence) }),
    // One after the other, in the order given: two candidates must never race for one challenge.
    async tickLifecycles({ watermark, ids }) {
      const lifecycles: LifecycleStatus[] = [];
      for (const id of ids) lifecycles.push(await tickOne(id, watermark));
      return { lifecycles };
    },
    async advanceClock({ endpoint, watermark }) {
      const before = await registry.watermark(endpoint);
      if (before !== null && watermark <= before) return { moved: false };
      await client.advanceWatermark(endpoint, watermark);
      return { moved: true };
    },
    async updateEndpoint({ endpoint, decision }) {
      if (decision.action === 'startChallenge') {
        const open = await registry.lifecycles(endpoint, { open: true });
        const rival = open.find(({ status }) => PAST_SHADOW.has(status.phase) && !ENDED_STATES.includes(status.state) && !sameVersion(status.version, decision.version));
        if (rival !== undefined) throw new MettleError('CHALLENGE_TAKEN', `${rival.status.id} is past shadow`, { id: rival.status.id, phase: rival.status.phase });
      }
      return client.decide(decision);
    },
    async saveLifecycle({ status, spec }) {
      await registry.saveLifecycle(status, spec);
      return {};
    },
  };
}
