import { z } from 'zod';
import { Hash, MettleError, TimeUs, FeatureVector, Keys, Name, Value, type EventInput } from '@mettle/contracts';
import { compileService, parseDefinition, type ServiceDefinition } from '@mettle/feature-language';
import { allow, rest, router } from '../trpc/init.ts';
import { READERS } from '../auth/guard.ts';
import type { Platform } from '../platform/platform.ts';
import type { RegisteredService } from '../platform/services.ts';
import { hot } from './hot.ts';

const MAX_BATCH = 5_000;

const ServiceView = z.object({
  hash: Hash,
  name: z.string(),
  registeredAt: TimeUs,
  definition: Hash,
  joinKeys: z.array(z.string()),
  request: z.array(z.object({ name: z.string(), type: z.string() })),
  features: z.array(z.object({ name: z.string(), type: z.string(), category: z.boolean() })),
  sources: z.array(z.object({ name: z.string(), owner: z.string() })),
});
type ServiceView = z.infer<typeof ServiceView>;

/** Events of one source. */
export const EventBatch = z.object({
  source: Name,
  events: z.array(hot<EventInput, Partial<EventInput> & Pick<EventInput, 'eventId' | 'keys' | 'values' | 'eventTime'>>()).max(MAX_BATCH),
});
export const Pushed = z.object({ accepted: z.int(), duplicates: z.int(), position: z.int() });

export const pushEvents = async (platform: Platform, { source, events }: z.output<typeof EventBatch>): Promise<z.infer<typeof Pushed>> => {
  events.forEach(checkShape);
  return platform.ingest.push(source, events);
};

/** Definitions, events, and reads for inspection. */
export const features = router({
  registerService: allow(['scientist', 'platform'])
    .meta(rest('POST', '/features/services', 'Register a feature service with all that it refers to'))
    .input(z.object({ definition: hot<ServiceDefinition>() }))
    .output(z.object({ service: Hash, fresh: z.boolean() }))
    .mutation(async ({ ctx: { platform, principal }, input }) => {
      const definition = parseDefinition(input.definition);
      compileService(definition);
      // The log refuses a source whose meaning would change, before anything is stored.
      platform.events.register(...definition.sources);
      const { service, fresh } = await platform.services.save(definition, principal);
      await platform.ingest.serve(definition);
      return { service: service.hash, fresh };
    }),

  listServices: allow(READERS)
    .meta(rest('GET', '/features/services', 'The registered feature services, oldest first'))
    .input(z.object({}))
    .output(z.array(ServiceView))
    .query(async ({ ctx: { platform } }) => (await platform.services.list()).map(viewOf)),

  getService: allow(READERS)
    .meta(rest('GET', '/features/services/{service}', 'One feature service, by hash or name'))
    .input(z.object({ service: z.string() }))
    .output(ServiceView)
    .query(async ({ ctx: { platform }, input }) => viewOf(await platform.services.get(input.service))),

  /** Checked once, by the event log: nothing here walks the events. */
  push: allow(['scientist', 'platform'])
    .meta(rest('POST', '/features/events', 'Push events of one source: durable and served when it returns'))
    .input(EventBatch)
    .output(Pushed)
    .mutation(({ ctx: { platform }, input }) => pushEvents(platform, input)),

  read: allow(READERS)
    .meta(rest('POST', '/features/read', 'The feature vector as it would be served at T'))
    .input(z.object({ service: z.string(), keys: Keys, request: z.record(z.string(), Value).default({}), at: TimeUs }))
    .output(FeatureVector.extend({ features: z.array(z.string()) }))
    .query(async ({ ctx: { platform }, input: { service, ...row } }) => {
      const { compiled } = await platform.services.get(service);
      compiled.checkRequest(row.keys, row.request);
      const [vector] = await platform.online.read(compiled, [row]);
      if (vector === undefined) throw new MettleError('INTERNAL', 'the store returned no vector');
      return { ...vector, features: compiled.features.map((feature) => feature.name) };
    }),
});

/** What the event log takes for granted. */
function checkShape(event: EventInput, index: number): void {
  const record = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!record(event) || !record(event.keys) || !record(event.values)) {
    throw new MettleError('INVALID_INPUT', `events.${index}: an event has eventId, keys, values and eventTime`, { field: `events.${index}` });
  }
}

const viewOf = ({ hash, name, registeredAt, blob, compiled }: RegisteredService): ServiceView => ({
  hash, name, registeredAt, definition: blob,
  joinKeys: [...compiled.joinKeys],
  request: compiled.request.map((column) => ({ name: column.name, type: column.type })),
  features: compiled.features.map((feature) => ({ ...feature })),
  sources: compiled.definition.sources.map((source) => ({ name: source.name, owner: source.owner })),
});
