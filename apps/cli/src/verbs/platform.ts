import type { Command } from 'commander';
import { facts, parts, table } from '../output/table.ts';
import { moment, parseTime } from '../output/time.ts';
import { addVerb, type Surroundings } from '../verb.ts';

const ranged = (command: Command): Command => command
  .requiredOption('--from <time>', 'first T of the range', parseTime)
  .requiredOption('--to <time>', 'end of the range, exclusive', parseTime)
  .option('--watermark <time>', 'as sealed at this watermark (default: the present one)', parseTime);
const scopeOf = (endpoint: string, options: Readonly<Record<string, unknown>>) => ({
  endpoint, range: { from: options['from'] as number, to: options['to'] as number }, ...(options['watermark'] === undefined ? {} : { watermark: options['watermark'] as number }),
});

/** The verbs that stand alone beside `score`: `status`, `audit`. */
export function platform(program: Command, around: Surroundings): void {
  addVerb(program, around, {
    usage: 'status', summary: 'what runs, what is served, and what needs a person',
    async call(client) {
      const [health, endpoints] = await Promise.all([client.health(), client.endpoints.list.query({})]);
      return {
        ...health,
        endpoints: await Promise.all(endpoints.map(async (endpoint) => {
          const [open, incidents, { held }] = await Promise.all([client.lifecycle.list.query({ endpoint: endpoint.endpoint, open: true }), client.incidents.list.query({ endpoint: endpoint.endpoint, open: true }), client.endpoints.servers.query({ endpoint: endpoint.endpoint })]);
          return { ...endpoint, held, lifecycles: open.length, approvals: open.filter((one) => one.status.state === 'approval').map((one) => one.status.id), incidents: incidents.length };
        })),
      };
    },
    show: (s) => parts(
      facts([['platform', s.status], ...Object.entries(s.dependencies)]),
      table(['endpoint', 'champion', 'epoch', 'watermark', 'lifecycles', 'incidents', 'paused'], s.endpoints.map((e) => [e.endpoint, e.champion, e.epoch, moment(e.watermark), e.lifecycles, e.incidents, e.paused ? 'yes' : '']), 'no endpoints'),
      s.endpoints.flatMap((e) => e.approvals).map((id) => `waits for an approval: ${id}`).join('\n'),
      s.endpoints.flatMap((e) => e.held).map((h) => `${h.endpoint} waits for the log of server ${h.server}: mettle endpoints servers ${h.endpoint}`).join('\n'),
    ),
  });
  addVerb(program, around, {
    usage: 'audit <endpoint>', summary: 'recompute every logged vector of a range in batch and compare bits', configure: ranged,
    call: (client, [endpoint = ''], options) => client.batch.audit.mutate(scopeOf(endpoint, options)),
    show: (r) => `${r.verdict}: ${r.rows} vectors, ${r.mismatches} mismatches (report ${r.report.slice(0, 12)})`,
  });
}
