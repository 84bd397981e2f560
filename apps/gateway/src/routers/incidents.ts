import { z } from 'zod';
import { Incident, Name } from '@mettle/contracts';
import { READERS } from '../auth/guard.ts';
import { allow, rest, router } from '../trpc/init.ts';

/** What went wrong, who is suspected, and who has seen it. */
export const incidents = router({
  list: allow(READERS)
    .meta(rest('GET', '/incidents', 'Incidents of an endpoint, oldest first'))
    .input(z.object({ endpoint: Name, open: z.boolean().default(false) }))
    .output(z.array(Incident))
    .query(({ ctx: { platform }, input }) => platform.registry.incidents(input.endpoint, { open: input.open })),

  get: allow(READERS)
    .meta(rest('GET', '/incidents/{incidentId}', 'One incident with its suspects and their owners'))
    .input(z.object({ incidentId: z.string() }))
    .output(Incident)
    .query(({ ctx: { platform }, input }) => platform.registry.incident(input.incidentId)),

  acknowledge: allow(['scientist', 'platform', 'approver'])
    .meta(rest('POST', '/incidents/{incidentId}/acknowledge', 'Say that somebody looks at it: no more reminders'))
    .input(z.object({ incidentId: z.string(), note: z.string().max(2_000).default('') }))
    .output(Incident)
    .mutation(async ({ ctx: { platform, principal }, input }) => {
      const { state } = await platform.registry.incident(input.incidentId);
      if (state !== 'open') return platform.registry.incident(input.incidentId);
      return (await platform.workflows.acknowledge(input.incidentId, { by: principal, note: input.note })).incident;
    }),
});
