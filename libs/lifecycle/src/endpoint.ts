import { continueAsNew, setHandler } from '@temporalio/workflow';
import { DecisionInput, ERRORS, EndpointStart, versionKey, type CommitResult, type ErrorCode, type RouteTable } from '@mettle/contracts';
import { local } from './activities.ts';
import { untilHistoryIsLong } from './entity.ts';
import { codeOf, parsed, refusal } from './failures.ts';
import { createLock } from './lock.ts';
import { decide, route } from './messages.ts';
import { createSign, moment } from './visibility.ts';

/** Whatever the database refuses is final for this decision: the caller reads the route and decides again. */
const FINAL = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => code !== 'UNAVAILABLE' && code !== 'BUSY');

/**
 * The one writer of an endpoint's route. The database owns the facts: a decision is committed there under the epoch that
 * this workflow knows, once per key. A route that moved past this workflow (a break-glass change) is adopted and the
 * decision refused with STALE_EPOCH; a route that fell behind it fails closed. It never waits for a step of the clock.
 */
export async function endpoint(input: EndpointStart): Promise<never> {
  const start = parsed(EndpointStart, input);
  const show = createSign();
  const lock = createLock();
  let table: RouteTable | null = null;
  /** Why every decision is refused, while the database contradicts what this workflow committed. */
  let closed: string | null = null;
  const refuseBehind = (known: { epoch: number; hash: string } | null, head: RouteTable | null): string | null => {
    if (known === null) return null;
    if (head === null || head.epoch < known.epoch) return `the database holds epoch ${head?.epoch ?? 'none'}, but epoch ${known.epoch} was committed: it was restored from an older state`;
    if (head.epoch === known.epoch && head.hash !== known.hash) return `the database holds another table of epoch ${known.epoch} than the one that was committed`;
    return null;
  };
  const rehydrate = async (known: { epoch: number; hash: string } | null): Promise<void> => {
    const head = (await local('read the head of the route').routeHead({ endpoint: start.endpoint })).table;
    closed = refuseBehind(known, head);
    if (closed === null) table = head;
    sign();
  };
  const sign = (): void => show({ MettleEndpoint: start.endpoint }, describe(start.endpoint, table, closed));

  const commit = async (decision: DecisionInput): Promise<CommitResult> => {
    if (closed !== null) await rehydrate(table ?? start.head);
    if (closed !== null) throw refusal('INVALID_TRANSITION', `the route of '${start.endpoint}' is closed: ${closed}`, { endpoint: start.endpoint });
    const epoch: number = table?.epoch ?? 0;
    try {
      const result = await local(`${decision.action} ${versionKey(decision.version)}`, FINAL).commitDecision({ endpoint: start.endpoint, expectedEpoch: epoch, decision });
      // A repeated key returns the first result, whose table may be older than the one known.
      if (table === null || result.table.epoch >= table.epoch) table = result.table;
      sign();
      return result;
    } catch (error) {
      if (codeOf(error) === 'STALE_EPOCH') await rehydrate(table);
      throw error;
    }
  };

  const ready = lock(() => rehydrate(start.head));
  setHandler(route, () => table, { description: 'the table that decisions start from' });
  setHandler(decide, async (decision) => {
    await ready;
    return lock(() => commit(parsed(DecisionInput, decision)));
  }, { validator: (decision) => check(start.endpoint, decision), description: 'commits one decision on the route' });

  await ready;
  await untilHistoryIsLong();
  const head = table as RouteTable | null;
  return continueAsNew<typeof endpoint>({ endpoint: start.endpoint, head: head === null ? null : { epoch: head.epoch, hash: head.hash } });
}

/** What is wrong with a decision whatever the route is. Read-only. @throws ApplicationFailure INVALID_INPUT */
function check(endpointName: string, input: DecisionInput): void {
  const decision = parsed(DecisionInput, input);
  if (decision.endpoint !== endpointName) throw refusal('INVALID_INPUT', `the decision is about endpoint '${decision.endpoint}', not '${endpointName}'`, { field: 'endpoint' });
  if (decision.action === 'startChallenge' && decision.share === null) throw refusal('INVALID_INPUT', 'a challenge needs its share of the traffic', { field: 'share' });
}

function describe(name: string, table: RouteTable | null, closed: string | null): string {
  if (closed !== null) return `**${name} is closed to decisions**: ${closed}`;
  if (table === null || table.champion === null) return `**${name}** waits for its first deploy.`;
  const lines = [`**${name}** at epoch ${table.epoch}, since ${moment(table.effectiveFrom)}${table.paused ? ', **paused**' : ''}`, `- champion ${versionKey(table.champion)}`];
  for (const warm of table.warm) lines.push(`- warm ${versionKey(warm)}`);
  for (const challenger of table.challengers) lines.push(`- challenger ${versionKey(challenger.version)} with ${challenger.share / 100} % of the traffic`);
  for (const shadow of table.shadows) lines.push(`- shadow ${versionKey(shadow.version)}`);
  return [...lines, '', 'Waits for decisions.'].join('\n');
}
