import type { Command } from 'commander';
import { readInput } from '../input.ts';
import { facts, parts, table } from '../output/table.ts';
import { moment, parseTime } from '../output/time.ts';
import { parseVersion, versionName } from '../output/version.ts';
import { addVerb, type Surroundings } from '../verb.ts';

const noted = (command: Command): Command => command.option('--note <text>', 'why', '').option('--key <key>', 'makes a repetition return the first result');
const order = (endpoint: string, options: Readonly<Record<string, unknown>>) => ({ endpoint, note: options['note'] as string, ...(options['key'] === undefined ? {} : { key: options['key'] as string }) });

interface Committed {
  readonly decision: { readonly action: string; readonly version: { model: string; version: number }; readonly sequence: number };
  readonly table: { readonly epoch: number; readonly champion: { model: string; version: number } | null; readonly paused: boolean };
}
const committed = ({ decision, table: t }: Committed): string =>
  `decision ${decision.sequence}: ${decision.action} ${versionName(decision.version)}; epoch ${t.epoch}, champion ${versionName(t.champion) ?? 'none'}${t.paused ? ', paused' : ''}`;

/** `mettle endpoints`: plans, routes, time, and an operator's orders. */
export function endpoints(program: Command, around: Surroundings): void {
  const noun = program.command('endpoints').description('what is served, by which version, and an operator\'s orders');
  addVerb(noun, around, {
    usage: 'list', summary: 'declared endpoints',
    call: (client) => client.endpoints.list.query({}),
    show: (all) => table(['endpoint', 'champion', 'epoch', 'clock', 'watermark', 'paused'], all.map((e) => [e.endpoint, e.champion, e.epoch, e.clock, moment(e.watermark), e.paused ? 'yes' : ''])),
  });
  addVerb(noun, around, {
    usage: 'get <endpoint>', summary: 'the plan that holds, and where its time stands',
    call: (client, [endpoint = '']) => client.endpoints.get.query({ endpoint }),
    show: (e) => facts([
      ['endpoint', e.plan.endpoint], ['plan', `revision ${e.revision}, ${e.hash.slice(0, 12)}, declared ${moment(e.declaredAt)}`], ['model', e.plan.model.model], ['service', e.plan.model.service.slice(0, 12)],
      ['trainer', e.plan.model.trainer.name], ['risk', e.risk], ['policy', `${e.plan.policy.name} ${e.plan.policyHash.slice(0, 12)}`], ['monitors', e.plan.monitors.map((m) => m.name).join(', ')],
      ['clock', e.plan.clock], ['watermark', moment(e.watermark)], ['open lifecycles', e.clock === null ? null : e.clock.open.join(', ')],
    ]),
  });
  addVerb(noun, around, {
    usage: 'declare <file>', summary: 'declare an endpoint or change its plan (JSON; - for standard input)',
    call: async (client, [file = '']) => client.endpoints.declare.mutate((await readInput(file)) as never),
    show: (e) => `${e.plan.endpoint}: revision ${e.revision}. ${e.risk}`,
  });
  addVerb(noun, around, {
    usage: 'route <endpoint>', summary: 'the route table in force',
    call: (client, [endpoint = '']) => client.endpoints.route.query({ endpoint }),
    show: (t) => parts(
      facts([['epoch', t.epoch], ['since', moment(t.effectiveFrom)], ['paused', t.paused ? 'yes' : 'no'], ['sticky by', t.stickyKeys.join(', ')]]),
      table(['arm', 'version', 'share'], [
        ['champion', versionName(t.champion), ''], ...t.challengers.map((c) => ['challenger', versionName(c.version), `${c.share / 100} %`]),
        ...t.shadows.map((s) => ['shadow', versionName(s.version), `${s.sample / 100} %`]), ...t.warm.map((w) => ['warm', versionName(w), '']),
      ]),
    ),
  });
  addVerb(noun, around, {
    usage: 'history <endpoint>', summary: 'every route table that was in force',
    call: (client, [endpoint = '']) => client.endpoints.routeHistory.query({ endpoint }),
    show: (all) => table(['epoch', 'from', 'champion', 'challenger', 'shadows'], all.map((t) => [t.epoch, moment(t.effectiveFrom), versionName(t.champion), versionName(t.challengers[0]?.version), t.shadows.map((s) => versionName(s.version)).join(', ')])),
  });
  addVerb(noun, around, {
    usage: 'served <endpoint> <time>', summary: 'which version served at a time, and why',
    call: (client, [endpoint = '', at = '']) => client.endpoints.servedAt.query({ endpoint, at: parseTime(at) }),
    show: (s) => {
      if (s === null) return 'nothing served yet';
      const { sequence, action, by, at, note } = s.because;
      return `${versionName(s.version)} at epoch ${s.epoch}, by decision ${sequence} (${action}, ${by.id}, ${moment(at)})${note === '' ? '' : `: ${note}`}`;
    },
  });
  addVerb(noun, around, {
    usage: 'rehearse <endpoint> [policy]', summary: 'what a policy (JSON; default: the one that holds) would have decided on the stored comparisons',
    call: async (client, [endpoint = '', file]) => client.endpoints.rehearse.mutate({ endpoint, ...(file === undefined ? {} : { policy: (await readInput(file)) as never }) }),
    show: ({ risk, candidates }) => parts(
      risk,
      table(['candidate', 'against', 'kind', 'days', 'became', 'verdict', 'after days', 'why'], candidates.map((c) => [versionName(c.candidate), versionName(c.champion), c.kind, c.days, c.became, c.verdict, c.after, c.why[0]]), 'no comparison is stored yet'),
    ),
  });
  addVerb(noun, around, {
    usage: 'promote <endpoint> <model@n>', summary: 'make the challenger or a warm version the champion', configure: noted,
    call: (client, [endpoint = '', ref = ''], options) => client.endpoints.promote.mutate({ ...order(endpoint, options), version: parseVersion(ref) }),
    show: committed,
  });
  addVerb(noun, around, {
    usage: 'reject <endpoint> <model@n>', summary: 'take a version off the route for good', configure: noted,
    call: (client, [endpoint = '', ref = ''], options) => client.endpoints.reject.mutate({ ...order(endpoint, options), version: parseVersion(ref) }),
    show: committed,
  });
  addVerb(noun, around, {
    usage: 'rollback <endpoint>', summary: 'return to the previous champion', configure: noted,
    call: (client, [endpoint = ''], options) => client.endpoints.rollBack.mutate(order(endpoint, options)),
    show: committed,
  });
  addVerb(noun, around, {
    usage: 'pause <endpoint>', summary: 'stop serving', configure: noted,
    call: (client, [endpoint = ''], options) => client.endpoints.pause.mutate(order(endpoint, options)),
    show: committed,
  });
  addVerb(noun, around, {
    usage: 'resume <endpoint>', summary: 'serve again after a pause', configure: noted,
    call: (client, [endpoint = ''], options) => client.endpoints.resume.mutate(order(endpoint, options)),
    show: committed,
  });
  addVerb(noun, around, {
    usage: 'servers <endpoint>', summary: 'inference servers, and whom a step of the clock waits for',
    call: (client, [endpoint = '']) => client.endpoints.servers.query({ endpoint }),
    show: (r) => parts(
      table(['server', 'state', 'heard', 'epoch', 'sealed through', 'unsealed'], r.servers.map((s) => [s.server, s.departed ? 'gone in order' : s.alive ? 'lives' : 'silent', `${Math.round(s.silentMs / 1000)} s ago`, s.epoch, moment(s.sealedThrough), s.unsealed ?? '?']), 'no servers'),
      r.held.map((h) => `LOG_HELD: the seal through ${moment(h.sealThrough)} waits for ${h.server}, silent for ${Math.round(h.silentMs / 1000)} s, with ${h.unsealed ?? 'an unknown number of'} unsealed predictions or more`).join('\n'),
      r.lost.length === 0 ? '' : table(['lost log of', 'declared', 'watermark', 'predictions', 'by', 'why', 'came back'], r.lost.map((l) => [l.server, moment(l.declaredAt), moment(l.watermark), l.unsealed === null ? 'unknown' : `${l.unsealed} or more`, l.by.id, l.note, moment(l.returnedAt)])),
    ),
  });
  addVerb(noun, around, {
    usage: 'lose <endpoint> <server>', summary: 'declare the unsealed log of a dead server lost; the clock goes on without it', configure: (command) => command.option('--note <text>', 'why', ''),
    call: (client, [endpoint = '', server = ''], options) => client.endpoints.loseLog.mutate({ endpoint, server, note: options['note'] as string }),
    show: (l) => `${l.server}: given up with ${l.unsealed === null ? 'an unknown number of' : `${l.unsealed} or more`} predictions; if it comes back, they count from the step after`,
  });
  addVerb(noun, around, {
    usage: 'advance <endpoint> <time>', summary: 'move the watermark; returns when all that it decides is decided and served',
    call: (client, [endpoint = '', at = '']) => client.endpoints.advanceWatermark.mutate({ endpoint, watermark: parseTime(at) }),
    show: (r) => parts(
      facts([['watermark', moment(r.watermark)], ['epoch', r.epoch], ['sealed', `${r.sealed.events} events, ${r.sealed.labels} labels, ${r.sealed.predictions} predictions`], ['incidents', `${r.opened.length} opened, ${r.closed.length} closed`], ['launched', r.launched.join(', ')]]),
      table(['lifecycle', 'phase', 'state', 'waits for'], r.lifecycles.map((l) => [l.cause, l.phase, l.state, l.waitsFor]), ''),
    ),
  });
}
