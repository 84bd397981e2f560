import { MettleError } from '@mettle/contracts';
import { ServiceDefinition } from '@mettle/feature-language';
import { deliverAlert, foldStep } from '@mettle/monitoring';
import type { Champions } from './champion.ts';
import type { ControlDeps } from './deps.ts';
import type { ControlHandlers } from '../handlers.ts';

type IncidentActivities = Pick<ControlHandlers, 'foldIncidents' | 'notify' | 'channels' | 'acknowledgeIncident'>;

/** From results to incidents, and from incidents to people. */
export function incidentActivities({ db, registry, blobs, channels }: ControlDeps, champions: Champions): IncidentActivities {
  const byName = new Map(channels.map((channel) => [channel.name as string, channel]));
  return {
    async foldIncidents({ endpoint, watermark, results }) {
      const [{ plan }, table] = await Promise.all([registry.endpointPlan(endpoint), registry.route(endpoint)]);
      const champion = await champions.facts(table, plan.policy.success.metric);
      if (champion === null) return { opened: [], closed: [], open: [] };
      const service = await champions.serviceOf(champion.version);
      const stored = service === null ? null : await registry.definition(service);
      return foldStep({
        db, blobs, endpoint, watermark, monitors: plan.monitors, results,
        definition: stored?.blob == null ? null : await blobs.getJson(stored.blob, ServiceDefinition),
        owner: plan.model.owner, champion: champion.version, championSince: champion.since, recent: plan.policy.shadow.min,
      });
    },
    async notify({ key, incident, channel, news }) {
      const target = byName.get(channel);
      if (target === undefined) throw new MettleError('INVALID_INPUT', `there is no alert channel '${channel}'`, { channel });
      const done = (await registry.deliveries(incident.incidentId)).some((delivery) => delivery.key === key);
      if (done) return { delivered: true };
      await deliverAlert(target, incident, news);
      await registry.recordDelivery({ incidentId: incident.incidentId, channel, news, key });
      return { delivered: true };
    },
    channels: () => Promise.resolve({ channels: channels.map((channel) => channel.name) }),
    acknowledgeIncident: ({ incidentId, by }) => registry.acknowledgeIncident(incidentId, by),
  };
}
