import type { Command } from 'commander';
import { facts, parts, table } from '../output/table.ts';
import { moment, parseTime } from '../output/time.ts';
import { versionName } from '../output/version.ts';
import { addVerb, type Surroundings } from '../verb.ts';

/** `mettle decisions`, `incidents` and `monitors`: what was decided, what went wrong, what was measured. */
export function watch(program: Command, around: Surroundings): void {
  decisions(program.command('decisions').description('the chain of decisions and the numbers that they rest on'), around);
  incidents(program.command('incidents').description('what went wrong, and whom to ask'), around);
  monitors(program.command('monitors').description('what watches an endpoint, and what it measured'), around);
}

function decisions(noun: Command, around: Surroundings): void {
  addVerb(noun, around, {
    usage: 'list <endpoint>', summary: 'decisions, oldest first',
    call: (client, [endpoint = '']) => client.decisions.list.query({ endpoint }),
    show: (all) => table(['#', 'at', 'action', 'version', 'verdict', 'epoch', 'by', 'why'], all.map(({ decision: d, reasons }) => [d.sequence, moment(d.at), d.action, versionName(d.version), d.verdict, d.epochAfter, d.by.id, reasons[0] ?? d.note])),
  });
  addVerb(noun, around, {
    usage: 'get <endpoint> <number>', summary: 'one decision with its evidence',
    call: (client, [endpoint = '', sequence = '']) => client.decisions.get.query({ endpoint, sequence: Number(sequence) }),
    show: ({ decision: d, reasons, evidence }) => parts(
      facts([['decision', d.sequence], ['action', d.action], ['version', versionName(d.version)], ['replaced', versionName(d.replaced)], ['phase', d.phase], ['verdict', d.verdict], ['watermark', moment(d.at)], ['recorded', moment(d.recordedAt)], ['epochs', `${d.epochBefore} → ${d.epochAfter ?? 'unchanged'}`], ['by', d.by.id], ['note', d.note], ['hash', d.hash]]),
      reasons.join('\n'),
      evidence === null ? '' : table(['role', 'metric', 'segment', 'estimate', 'lower', 'upper', 'margin', 'slots', 'rows', 'verdict'], evidence.effects.map((e) => [e.role, e.metric, e.segment, e.estimate, e.lower, e.upper, e.margin, e.slots, e.rows, e.verdict])),
    ),
  });
  addVerb(noun, around, {
    usage: 'verify <endpoint>', summary: 'walk the hash chain from the first decision',
    async call(client, [endpoint = '']) {
      const report = await client.decisions.verify.query({ endpoint });
      if (report.ok) return report;
      const { MettleError } = await import('@mettle/contracts');
      throw new MettleError('INTERNAL', `the chain of '${endpoint}' is broken at ${report.brokenAt}: ${report.problem}`, { ...report });
    },
    show: (r) => `intact: ${r.length} decisions`,
  });
}

function incidents(noun: Command, around: Surroundings): void {
  addVerb(noun, around, {
    usage: 'list <endpoint>', summary: 'incidents, oldest first',
    configure: (command) => command.option('--open', 'only those that are not closed', false),
    call: (client, [endpoint = ''], options) => client.incidents.list.query({ endpoint, open: options['open'] === true }),
    show: (all) => table(['incident', 'opened', 'closed', 'state', 'monitor', 'metric', 'version', 'first suspect'], all.map((i) => [i.incidentId, moment(i.openedAt), moment(i.closedAt), i.state, i.monitor, i.metric, versionName(i.version), i.suspects[0] === undefined ? '' : `${i.suspects[0].name} (${i.suspects[0].owner})`])),
  });
  addVerb(noun, around, {
    usage: 'get <incident>', summary: 'one incident with its suspects and their owners',
    call: (client, [incidentId = '']) => client.incidents.get.query({ incidentId }),
    show: (i) => parts(
      facts([['incident', i.incidentId], ['state', i.state], ['monitor', `${i.monitor} (${i.kind}, ${i.metric})`], ['version', versionName(i.version)], ['opened', moment(i.openedAt)], ['closed', moment(i.closedAt)], ['acknowledged by', i.acknowledgedBy], ...Object.entries(i.numbers)]),
      table(['suspect', 'kind', 'share', 'since', 'owner'], i.suspects.map((s) => [s.name, s.kind, s.share, moment(s.since), s.owner]), ''),
    ),
  });
  addVerb(noun, around, {
    usage: 'acknowledge <incident>', summary: 'say that somebody looks at it',
    configure: (command) => command.option('--note <text>', 'what is done about it', ''),
    call: (client, [incidentId = ''], options) => client.incidents.acknowledge.mutate({ incidentId, note: options['note'] as string }),
    show: (i) => `${i.incidentId}: ${i.state}`,
  });
}

function monitors(noun: Command, around: Surroundings): void {
  addVerb(noun, around, {
    usage: 'list <endpoint>', summary: 'monitors and their last results',
    call: (client, [endpoint = '']) => client.monitors.list.query({ endpoint }),
    show: (all) => table(['monitor', 'kind', 'metric', 'floor', 'last', 'ok', 'breach', 'undetermined'], all.map(({ monitor: m, last }) => [m.name, m.kind, m.metric, m.floor, moment(last?.at), last?.ok, last?.breach, last?.undetermined])),
  });
  addVerb(noun, around, {
    usage: 'results <endpoint>', summary: 'measurements, oldest first',
    configure: (command) => command.option('--monitor <name>', 'only this monitor').option('--from <time>', 'from this watermark', parseTime).option('--to <time>', 'to this watermark', parseTime).option('--breach', 'only breaches', false),
    async call(client, [endpoint = ''], options) {
      const results = await client.monitors.results.query({
        endpoint, ...(options['monitor'] === undefined ? {} : { monitor: options['monitor'] as string }), ...(options['from'] === undefined ? {} : { from: options['from'] as number }), ...(options['to'] === undefined ? {} : { to: options['to'] as number }),
      });
      return options['breach'] === true ? results.filter((result) => result.state === 'breach') : results;
    },
    show: (all) => table(['at', 'monitor', 'column', 'segment', 'value', 'threshold', 'rows', 'state', 'reason'], all.map((r) => [moment(r.at), r.monitor, r.column, r.segment, r.value, r.threshold, r.rows.current, r.state, r.reason])),
  });
}
