import { EndpointPlan, MettleError, hashOf, type Hash, type TimeUs } from '@mettle/contracts';
import { asc, desc, endpointHeads, endpointPlans, eq, sql, type Orm } from '@mettle/metadata-db';
import { checkPlan, type PolicyFacts } from '@mettle/promotion';
import { GENESIS } from './chain.ts';
import type { RegistryDeps } from './deps.ts';
import { parse } from './parse.ts';

export interface DeclaredPlan {
  readonly plan: EndpointPlan;
  readonly hash: Hash;
  /** 1, 2, 3, ... */
  readonly revision: number;
  readonly declaredAt: TimeUs;
}

export const unknownEndpoint = (endpoint: string): MettleError => new MettleError('UNKNOWN_ENDPOINT', `no endpoint is named '${endpoint}'`, { endpoint });

/** The plan that holds. @throws MettleError UNKNOWN_ENDPOINT */
export async function latestPlan(orm: Orm, endpoint: string): Promise<DeclaredPlan> {
  const [row] = await orm.select().from(endpointPlans).where(eq(endpointPlans.endpoint, endpoint)).orderBy(desc(endpointPlans.revision)).limit(1);
  if (!row) throw unknownEndpoint(endpoint);
  return { plan: row.plan, hash: row.hash, revision: row.revision, declaredAt: row.declaredAt };
}

export function planRegister({ db, blobs, now }: RegistryDeps) {
  return {
    /**
     * Declares an endpoint, or changes its plan: each change is a new revision and the old ones stay. The same plan
     * declared again changes nothing.
     * @param facts what the caller knows of the endpoint's rows, for the check of the policy
     * @throws MettleError INVALID_INPUT | INVALID_POLICY (also when `policyHash` is not the policy's) | UNSATISFIABLE_POLICY
     * @throws MettleError INVALID_TRANSITION when the clock or what the labels can be changes
     */
    async declareEndpoint(input: EndpointPlan, facts: PolicyFacts = {}): Promise<DeclaredPlan> {
      const plan = parse(EndpointPlan, input, 'plan');
      const expected = hashOf(plan.policy);
      if (plan.policyHash !== expected) throw new MettleError('INVALID_POLICY', 'policyHash is not the hash of the policy', { expected, given: plan.policyHash });
      checkPlan(plan, facts);
      // Activities get the plan and decisions name the policy by hash: both can be read from the blobs.
      const [hash] = await Promise.all([blobs.putJson(plan), blobs.putJson(plan.policy)]);
      return db.transaction(async (tx) => {
        await tx.insert(endpointHeads).values({ endpoint: plan.endpoint, epoch: 0, sequence: 0, hash: GENESIS, champion: null }).onConflictDoNothing();
        await tx.select({ endpoint: endpointHeads.endpoint }).from(endpointHeads).where(eq(endpointHeads.endpoint, plan.endpoint)).for('update');
        const [held] = await tx.select().from(endpointPlans).where(eq(endpointPlans.endpoint, plan.endpoint)).orderBy(desc(endpointPlans.revision)).limit(1);
        if (held?.hash === hash) return { plan: held.plan, hash, revision: held.revision, declaredAt: held.declaredAt };
        if (held && held.plan.clock !== plan.clock) {
          throw new MettleError('INVALID_TRANSITION', `'${plan.endpoint}' runs on the ${held.plan.clock} clock: time does not change its kind`, { endpoint: plan.endpoint, clock: held.plan.clock });
        }
        if (held && (held.plan.model.task !== plan.model.task || held.plan.model.classes !== plan.model.classes)) {
          const { task, classes = null } = held.plan.model;
          throw new MettleError('INVALID_TRANSITION', `'${plan.endpoint}' is of the task ${task}: what was logged and labelled cannot be judged as another`, { endpoint: plan.endpoint, task, classes });
        }
        const declared = { hash, revision: (held?.revision ?? 0) + 1, declaredAt: now() };
        await tx.insert(endpointPlans).values({ endpoint: plan.endpoint, plan, ...declared });
        return { plan, ...declared };
      });
    },

    /** @throws MettleError UNKNOWN_ENDPOINT */
    endpointPlan: (endpoint: string): Promise<DeclaredPlan> => latestPlan(db.orm, endpoint),

    /** Every revision, oldest first. */
    async planHistory(endpoint: string): Promise<DeclaredPlan[]> {
      const rows = await db.orm.select().from(endpointPlans).where(eq(endpointPlans.endpoint, endpoint)).orderBy(asc(endpointPlans.revision));
      return rows.map(({ endpoint: _endpoint, ...declared }) => declared);
    },

    /** Names of the declared endpoints. */
    async endpoints(): Promise<string[]> {
      const rows = await db.orm.select({ endpoint: endpointHeads.endpoint }).from(endpointHeads).orderBy(sql`${endpointHeads.endpoint} collate "C"`);
      return rows.map((row) => row.endpoint);
    },
  };
}
