import { aliasRegister } from './aliases.ts';
import { chainAudit } from './chain.ts';
import { decisionLog } from './decisions.ts';
import { definitionStore } from './definitions.ts';
import type { RegistryDeps } from './deps.ts';
import { idempotencyStore } from './idempotency.ts';
import { incidentRegister } from './incidents.ts';
import { leaseRegister } from './leases.ts';
import { lifecycleRegister } from './lifecycles.ts';
import { lostLogRegister } from './lost-logs.ts';
import { modelRegister } from './models.ts';
import { monitorResultStore } from './monitor-results.ts';
import { planRegister } from './plans.ts';
import { qualificationRegister } from './qualifications.ts';
import { routeRegister } from './routes.ts';
import { segmentRegister } from './segments.ts';
import { snapshotRegister } from './snapshots.ts';
import { stepRegister } from './steps.ts';
import { versionRegister } from './versions.ts';
import { watermarkRegister } from './watermarks.ts';

/** The facts of models and endpoints over one database. It holds no state of its own: any number may be open on a database. */
export function createRegistry(deps: RegistryDeps) {
  return {
    ...modelRegister(deps),
    ...versionRegister(deps),
    ...qualificationRegister(deps),
    ...aliasRegister(deps),
    ...planRegister(deps),
    ...decisionLog(deps),
    ...chainAudit(deps),
    ...routeRegister(deps),
    ...definitionStore(deps),
    ...segmentRegister(deps),
    ...stepRegister(deps),
    ...snapshotRegister(deps),
    ...leaseRegister(deps),
    ...lostLogRegister(deps),
    ...watermarkRegister(deps),
    ...lifecycleRegister(deps),
    ...incidentRegister(deps),
    ...monitorResultStore(deps),
    ...idempotencyStore(deps),
  };
}

export type Registry = ReturnType<typeof createRegistry>;
