export { BUCKETS, bucketOf, murmur3 } from './bucket.ts';
export { stickyUnit } from './sticky.ts';
export { assignArm, inSample, type Assignment, type Headers } from './assign.ts';
export { KEEP_WARM, emptyTable, roleOf, tableHash, versionsInTable, withPlan, withSealThrough, type Role, type RouteFiles } from './table.ts';
export { nextTable, transition, type Proposal, type Transition } from './transition.ts';
export { versionsToScore, type VersionToScore } from './score-plan.ts';
