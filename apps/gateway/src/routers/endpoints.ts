import { z } from 'zod';
import {
  CommitResult, Decision, EndpointPlan, Hash, HeldSeal, LostLog, MettleError, ModelPlan, Monitor, Name, Policy, RouteTable, TimeUs, VersionRef, WatermarkResult, hashOf, versionKey,
  type DecisionAction, type DecisionInput, type Principal,
} from '@mettle/contracts';
import type { CompiledService } from '@mettle/feature-language';
import { checkPlan, checkPolicy, falsePromotionsPerYear, renderFalsePromotions } from '@mettle/promotion';
import { READERS } from '../auth/guard.ts';
import type { Platform } from '../platform/platform.ts';
import { RehearsedCandidate, rehearsePolicy } from '../platform/rehearsal.ts';
import { allow, rest, router } from '../trpc/init.ts';

const OPERATORS = ['platform', 'approver'] as const;

/** A plan as its owner writes it; the hashes and versions are added here. */
export const EndpointDeclaration = z.object({
  endpoint: Name,
  clock: z.enum(['wall', 'event']),
  /** Step of the watermark, µs. */
  cadence: z.int().positive(),
  model: ModelPlan,
  policy: Policy,
  monitors: z.array(Monitor).default([]),
  overrides: EndpointPlan.shape.overrides,
});

const DeclaredPlan = z.object({ plan: EndpointPlan, hash: Hash, revision: z.int(), declaredAt: TimeUs, risk: z.string().describe('the false promotions a year that the policy allows, in one sentence') });
const riskOf = ({ policy, cadence }: EndpointPlan): string => renderFalsePromotions(falsePromotionsPerYear(policy, cadence), policy);
const order = z.object({
  endpoint: Name,
  note: z.string().max(2_000).default(''),
  /** Makes a repetition harmless: the same key returns the first result. */
  key: z.string().min(1).max(200).optional(),
});
const ServerView = z.object({
  server: z.string(), alive: z.boolean(), silentMs: z.int(), epoch: z.int(), sealedThrough: TimeUs.nullable(),
  unsealed: z.int().nullable().describe('predictions acknowledged and not sealed, when last heard'), departed: z.boolean(),
});
const ClockView = z.object({ watermark: TimeUs.nullable(), stepping: TimeUs.nullable(), open: z.array(z.string()) });

/** Endpoints: their plan, their route, their clock, and what an operator orders. */
export const endpoints = router({
  declare: allow(['platform'])
    .meta(rest('POST', '/endpoints', 'Declare an endpoint, or change its plan'))
    .input(EndpointDeclaration)
    .output(DeclaredPlan)
    .mutation(async ({ ctx: { platform, principal }, input }) => {
      const { compiled } = await platform.services.get(input.model.service);
      const plan: EndpointPlan = { v: 1, ...input, policyHash: hashOf(input.policy) };
      checkColumns(plan, compiled);
      checkPlan(plan);
      const known = (await platform.registry.models()).some((model) => model.name === plan.model.model);
      if (!known) await platform.registry.createModel(plan.model.model, { by: principal, description: '' });
      const declared = await platform.registry.declareEndpoint(plan);
      platform.routes.declared(plan.endpoint);
      if (plan.clock === 'wall') await platform.workflows.schedule(plan.endpoint, { every: plan.cadence });
      return { ...declared, risk: riskOf(declared.plan) };
    }),

  list: allow(READERS)
    .meta(rest('GET', '/endpoints', 'Names of the declared endpoints'))
    .input(z.object({}))
    .output(z.array(z.object({ endpoint: z.string(), clock: z.string(), epoch: z.int(), champion: z.string().nullable(), watermark: TimeUs.nullable(), paused: z.boolean() })))
    .query(async ({ ctx: { platform: { registry } } }) => Promise.all((await registry.endpoints()).map(async (endpoint) => {
      const [table, watermark] = await Promise.all([registry.route(endpoint), registry.watermark(endpoint)]);
      return { endpoint, clock: table.clock, epoch: table.epoch, champion: table.champion && versionKey(table.champion), watermark, paused: table.paused };
    }))),

  get: allow(READERS)
    .meta(rest('GET', '/endpoints/{endpoint}', 'The plan that holds, the watermark and the open lifecycles'))
    .input(z.object({ endpoint: Name }))
    .output(DeclaredPlan.extend({ watermark: TimeUs.nullable(), clock: ClockView.nullable() }))
    .query(async ({ ctx: { platform }, input: { endpoint } }) => {
      const declared = await platform.registry.endpointPlan(endpoint);
      // The page is worth having while Temporal is away.
      const clock = await platform.workflows.clockStatus(endpoint).catch(() => null);
      return { ...declared, risk: riskOf(declared.plan), watermark: await platform.registry.watermark(endpoint), clock: clock && { watermark: clock.watermark, stepping: clock.stepping, open: [...clock.open] } };
    }),

  route: allow(READERS)
    .meta(rest('GET', '/endpoints/{endpoint}/route', 'The route table in force'))
    .input(z.object({ endpoint: Name }))
    .output(RouteTable)
    .query(({ ctx: { platform }, input }) => platform.registry.route(input.endpoint)),

  routeHistory: allow(READERS)
    .meta(rest('GET', '/endpoints/{endpoint}/routes', 'Every table that was in force, oldest first'))
    .input(z.object({ endpoint: Name }))
    .output(z.array(RouteTable))
    .query(({ ctx: { platform }, input }) => platform.registry.routeHistory(input.endpoint)),

  servedAt: allow(READERS)
    .meta(rest('GET', '/endpoints/{endpoint}/served', 'Which version served at T, and why'))
    .input(z.object({ endpoint: Name, at: TimeUs }))
    .output(z.object({ version: VersionRef, epoch: z.int(), table: RouteTable, because: Decision }).nullable())
    .query(({ ctx: { platform }, input }) => platform.registry.servedAt(input.endpoint, input.at)),

  rehearse: allow(READERS)
    .meta(rest('POST', '/endpoints/{endpoint}/rehearse', 'What a policy would have decided on the comparisons that are stored'))
    .input(z.object({ endpoint: Name, policy: Policy.optional().describe('default: the policy that holds') }))
    .output(z.object({ risk: z.string(), candidates: z.array(RehearsedCandidate) }))
    .mutation(async ({ ctx: { platform }, input: { endpoint, policy: other } }) => {
      const { plan } = await platform.registry.endpointPlan(endpoint);
      const policy = other ?? plan.policy;
      checkPolicy(policy, { space: plan.model });
      return { risk: riskOf({ ...plan, policy }), candidates: await rehearsePolicy(platform, endpoint, policy) };
    }),

  promote: allow(OPERATORS)
    .meta(rest('POST', '/endpoints/{endpoint}/promote', 'Make the challenger or a warm version the champion'))
    .input(order.extend({ version: VersionRef }))
    .output(CommitResult)
    .mutation(({ ctx, input }) => command(ctx, 'promote', { ...input, share: null })),

  rollBack: allow(OPERATORS)
    .meta(rest('POST', '/endpoints/{endpoint}/rollback', 'Return to the previous champion, which is kept warm'))
    .input(order.extend({ version: VersionRef.optional().describe('the champion that is withdrawn; default: the present one') }))
    .output(CommitResult)
    .mutation(({ ctx, input }) => command(ctx, 'rollBack', { ...input, share: null })),

  pause: allow(OPERATORS)
    .meta(rest('POST', '/endpoints/{endpoint}/pause', 'Stop serving'))
    .input(order)
    .output(CommitResult)
    .mutation(({ ctx, input }) => command(ctx, 'pause', { ...input, share: 0 })),

  resume: allow(OPERATORS)
    .meta(rest('POST', '/endpoints/{endpoint}/resume', 'Serve again after a pause'))
    .input(order)
    .output(CommitResult)
    .mutation(({ ctx, input }) => command(ctx, 'pause', { ...input, share: 10_000 })),

  reject: allow(OPERATORS)
    .meta(rest('POST', '/endpoints/{endpoint}/reject', 'Take a version off the route for good'))
    .input(order.extend({ version: VersionRef }))
    .output(CommitResult)
    .mutation(({ ctx, input }) => command(ctx, 'reject', { ...input, share: null })),

  servers: allow(READERS)
    .meta(rest('GET', '/endpoints/{endpoint}/servers', 'Inference servers, whom an order to seal waits for, and logs that were given up'))
    .input(z.object({ endpoint: Name }))
    .output(z.object({ servers: z.array(ServerView), held: z.array(HeldSeal), lost: z.array(LostLog) }))
    .query(async ({ ctx: { platform: { registry, routes: { hub } } }, input: { endpoint } }) => {
      await registry.endpointPlan(endpoint);
      return {
        servers: hub.servers(endpoint).map(({ server, alive, silentMs, lease: { epoch, sealedThrough, unsealed, departed } }) => ({ server, alive, silentMs, epoch, sealedThrough, unsealed, departed })),
        held: hub.held(endpoint),
        lost: await registry.lostLogs(endpoint),
      };
    }),

  loseLog: allow(['platform'])
    .meta(rest('POST', '/endpoints/{endpoint}/servers/{server}/lost', 'Declare the unsealed log of a dead server lost: nothing waits for it any longer'))
    .input(z.object({ endpoint: Name, server: z.string().min(1).max(200), note: z.string().max(2_000).default('') }))
    .output(LostLog)
    .mutation(async ({ ctx: { platform, principal }, input: { endpoint, server, note } }) => {
      const { registry, routes: { hub } } = platform;
      const watermark = await registry.watermark(endpoint);
      const lease = hub.servers(endpoint).find((one) => one.server === server)?.lease;
      const lost = { endpoint, server, declaredAt: platform.now(), watermark, unsealed: lease?.unsealed ?? null, by: principal, note };
      hub.checkDead(endpoint, server);
      // Told before it is done: what is not waited for any longer has a reason on record.
      await registry.saveLostLog(lost);
      await hub.forget(endpoint, server);
      return { ...lost, returnedAt: null };
    }),

  advanceWatermark: allow(['platform'])
    .meta(rest('POST', '/endpoints/{endpoint}/watermark', 'Move the watermark to T; returns when all that T decides is decided and served'))
    .input(z.object({ endpoint: Name, watermark: TimeUs }))
    .output(WatermarkResult)
    .mutation(async ({ ctx: { platform }, input }) => {
      await platform.registry.endpointPlan(input.endpoint);
      return platform.workflows.advanceWatermark(input.endpoint, input.watermark);
    }),
});

interface Order {
  readonly endpoint: string;
  readonly note: string;
  readonly key?: string | undefined;
  readonly version?: VersionRef | undefined;
  readonly share: number | null;
}

/** An operator's decision, committed by the endpoint's workflow. Without a key, one order per epoch counts. */
async function command({ platform, principal }: { platform: Platform; principal: Principal }, action: DecisionAction, { endpoint, note, key, version, share }: Order): Promise<CommitResult> {
  const [{ plan }, table, watermark] = await Promise.all([platform.registry.endpointPlan(endpoint), platform.registry.route(endpoint), platform.registry.watermark(endpoint)]);
  const about = version ?? table.champion;
  if (about === null) throw new MettleError('NO_CHAMPION', `endpoint '${endpoint}' has no champion`, { endpoint });
  if (version !== undefined) await platform.registry.version(version);
  const decision: DecisionInput = {
    endpoint, action, version: about, share, note, by: principal,
    at: plan.clock === 'wall' ? platform.now() : (watermark ?? table.effectiveFrom),
    phase: null, verdict: null, reasons: [], evidence: null, policy: plan.policyHash,
    key: key === undefined ? `operator/${table.epoch}/${action}/${versionKey(about)}/${share ?? ''}` : `operator/${key}`,
  };
  return platform.workflows.decide(decision);
}

/**
 * Segments, sticky keys and monitors name columns that rows have: keys, request columns and features.
 * @throws MettleError UNKNOWN_COLUMN
 */
function checkColumns({ policy, monitors }: EndpointPlan, service: CompiledService): void {
  const features = service.features.map((feature) => feature.name);
  const spine = [...new Set([...service.joinKeys, ...service.request.map((column) => column.name)])];
  const rows = [...new Set([...spine, ...features])];
  const need = (what: string, column: string, known: readonly string[]): void => {
    if (!known.includes(column)) throw new MettleError('UNKNOWN_COLUMN', `${what} names '${column}', which the rows of '${service.name}' do not have`, { column, what, known: [...known] });
  };
  for (const segment of policy.segments) need('a segment', segment.column, rows);
  for (const key of policy.stickyKeys) need('stickyKeys', key, spine);
  if (policy.slot.pooled !== true) for (const key of policy.slot.pooled) need('slot.pooled', key, spine);
  const sources = service.definition.sources.map(({ name }) => name);
  for (const { name, kind, columns } of monitors) for (const column of columns) need(`monitor '${name}'`, column, kind === 'freshness' ? sources : rows);
}
