import { z } from 'zod';
import { Decision, Evidence, MettleError, Name } from '@mettle/contracts';
import { renderReason } from '@mettle/promotion';
import { READERS } from '../auth/guard.ts';
import { allow, rest, router } from '../trpc/init.ts';

const Rendered = z.object({ decision: Decision, reasons: z.array(z.string()) });
const ChainReport = z.object({ ok: z.boolean(), length: z.int(), brokenAt: z.int().nullable(), problem: z.string().nullable() });

/** The append-only chain of an endpoint's decisions, each with the numbers that it rests on. */
export const decisions = router({
  list: allow(READERS)
    .meta(rest('GET', '/decisions/{endpoint}', 'Decisions, oldest first'))
    .input(z.object({ endpoint: Name, after: z.int().min(0).default(0) }))
    .output(z.array(Rendered))
    .query(async ({ ctx: { platform }, input: { endpoint, after } }) => {
      await platform.registry.endpointPlan(endpoint);
      return (await platform.registry.decisions(endpoint, { after })).map((decision) => ({ decision, reasons: decision.reasons.map(renderReason) }));
    }),

  get: allow(READERS)
    .meta(rest('GET', '/decisions/{endpoint}/{sequence}', 'One decision with its evidence and its reasons in words'))
    .input(z.object({ endpoint: Name, sequence: z.int().min(1) }))
    .output(Rendered.extend({ evidence: Evidence.nullable() }))
    .query(async ({ ctx: { platform }, input: { endpoint, sequence } }) => {
      await platform.registry.endpointPlan(endpoint);
      const [decision] = await platform.registry.decisions(endpoint, { after: sequence - 1 });
      if (decision?.sequence !== sequence) throw new MettleError('NOT_FOUND', `'${endpoint}' has no decision ${sequence}`, { endpoint, sequence });
      const evidence = decision.evidence === null ? null : await platform.blobs.getJson(decision.evidence, Evidence);
      return { decision, reasons: decision.reasons.map(renderReason), evidence };
    }),

  verify: allow(READERS)
    .meta(rest('GET', '/decisions/{endpoint}/verify', 'Walk the hash chain from the first decision'))
    .input(z.object({ endpoint: Name }))
    .output(ChainReport)
    .query(({ ctx: { platform }, input }) => platform.registry.verifyChain(input.endpoint)),
});
