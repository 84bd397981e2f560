import { setTimeout as sleep } from 'node:timers/promises';
import { tracked } from '@trpc/server';
import { z } from 'zod';
import { CandidateSpec, ENDED_STATES, LifecycleStatus, Name, hashOf } from '@mettle/contracts';
import { renderReason } from '@mettle/promotion';
import { READERS } from '../auth/guard.ts';
import { allow, rest, router } from '../trpc/init.ts';
import { trpcErrorOf } from '../trpc/errors.ts';

const Stored = z.object({ status: LifecycleStatus, spec: CandidateSpec, reasons: z.array(z.string()) });
const word = z.object({ id: z.string().min(1), note: z.string().max(2_000).default('') });

/** How often the stored status is looked at for a subscriber, ms. */
const LOOK_EVERY = 250;

/** Candidates on their way from training to production. */
export const lifecycle = router({
  start: allow(['scientist', 'platform'])
    .meta(rest('POST', '/lifecycles', 'Start a candidate; one that is initial is deployed before this returns'))
    .input(CandidateSpec.omit({ by: true }))
    .output(LifecycleStatus)
    .mutation(async ({ ctx: { platform, principal }, input }) => {
      await platform.registry.endpointPlan(input.endpoint);
      if (input.service !== null) await platform.services.get(input.service);
      if (input.snapshot !== null) await platform.registry.snapshot(input.snapshot);
      return platform.workflows.launch({ ...input, by: principal });
    }),

  list: allow(READERS)
    .meta(rest('GET', '/lifecycles', 'Lifecycles of an endpoint, oldest first'))
    .input(z.object({ endpoint: Name, open: z.boolean().default(false) }))
    .output(z.array(Stored))
    .query(async ({ ctx: { platform }, input }) => (await platform.registry.lifecycles(input.endpoint, { open: input.open })).map(rendered)),

  get: allow(READERS)
    .meta(rest('GET', '/lifecycles/status', 'One lifecycle by its id'))
    .input(z.object({ id: z.string().min(1) }))
    .output(Stored)
    .query(async ({ ctx: { platform }, input }) => rendered(await platform.registry.lifecycle(input.id))),

  approve: allow(['approver'])
    .meta(rest('POST', '/lifecycles/approve', 'Let a candidate become champion'))
    .input(word)
    .output(LifecycleStatus)
    .mutation(async ({ ctx: { platform, principal }, input }) => {
      await platform.registry.lifecycle(input.id);
      return platform.workflows.approve(input.id, { by: principal, note: input.note });
    }),

  reject: allow(['approver', 'platform'])
    .meta(rest('POST', '/lifecycles/reject', 'End a candidate; what it did is taken back'))
    .input(word)
    .output(LifecycleStatus)
    .mutation(async ({ ctx: { platform, principal }, input }) => {
      await platform.registry.lifecycle(input.id);
      return platform.workflows.reject(input.id, { by: principal, note: input.note });
    }),

  /**
   * Every change of a lifecycle until it has ended. The id of an event is the hash of its status: a client that comes
   * back with the last id it saw gets the present status only if that is another one.
   */
  progress: allow(READERS)
    .input(z.object({ id: z.string().min(1), lastEventId: z.string().nullish() }))
    .subscription(async function* ({ ctx: { platform }, input, signal }) {
      let seen = input.lastEventId ?? '';
      try {
        for (;;) {
          const { status } = await platform.registry.lifecycle(input.id);
          const id = hashOf(status).slice(0, 32);
          if (id !== seen) yield tracked(id, status);
          seen = id;
          if (ENDED_STATES.includes(status.state)) return;
          await sleep(LOOK_EVERY, undefined, signal === undefined ? {} : { signal });
        }
      } catch (error) {
        if (signal?.aborted === true) return;
        throw trpcErrorOf(error);
      }
    }),
});

const rendered = ({ status, spec }: { status: LifecycleStatus; spec: CandidateSpec }): z.infer<typeof Stored> => ({ status, spec, reasons: status.reasons.map(renderReason) });
