import type { Command } from 'commander';
import { readInput, readLines } from '../input.ts';
import { facts, parts, table } from '../output/table.ts';
import { moment, parseTime } from '../output/time.ts';
import { addVerb, type Surroundings } from '../verb.ts';

const pairs = (value: string, previous: Record<string, string | number> = {}): Record<string, string | number> => {
  const at = value.indexOf('=');
  const text = value.slice(at + 1);
  return { ...previous, [value.slice(0, at)]: text !== '' && Number.isFinite(Number(text)) ? Number(text) : text };
};

/** `mettle features`: services, events, reads. */
export function features(program: Command, around: Surroundings): void {
  const noun = program.command('features').description('feature services, the events that feed them, and reads');
  addVerb(noun, around, {
    usage: 'list', summary: 'registered feature services',
    call: (client) => client.features.listServices.query({}),
    show: (services) => table(['service', 'hash', 'features', 'keys', 'sources', 'registered'], services.map((s) => [s.name, s.hash.slice(0, 12), s.features.length, s.joinKeys.join(','), s.sources.map((source) => source.name).join(','), moment(s.registeredAt)])),
  });
  addVerb(noun, around, {
    usage: 'get <service>', summary: 'one service, by hash or name',
    call: (client, [service = '']) => client.features.getService.query({ service }),
    show: (s) => parts(
      facts([['service', s.name], ['hash', s.hash], ['keys', s.joinKeys.join(', ')], ['registered', moment(s.registeredAt)]]),
      table(['request column', 'type'], s.request.map((column) => [column.name, column.type])),
      table(['feature', 'type', 'category'], s.features.map((feature) => [feature.name, feature.type, feature.category ? 'yes' : ''])),
      table(['source', 'owner'], s.sources.map((source) => [source.name, source.owner])),
    ),
  });
  addVerb(noun, around, {
    usage: 'register <file>', summary: 'register a service definition (JSON; - for standard input)',
    call: async (client, [file = '']) => client.features.registerService.mutate({ definition: (await readInput(file)) as never }),
    show: (r) => `${r.fresh ? 'registered' : 'known already'}: ${r.service}`,
  });
  addVerb(noun, around, {
    usage: 'push <source> <file>', summary: 'push events (JSON lines; - for standard input)',
    async call(client, [source = '', file = '']) {
      const total = { accepted: 0, duplicates: 0, position: 0 };
      for await (const events of readLines(file)) {
        const { accepted, duplicates, position } = await client.features.push.mutate({ source, events: events as never });
        total.accepted += accepted;
        total.duplicates += duplicates;
        total.position = position;
      }
      return total;
    },
    show: (r) => `accepted ${r.accepted}, duplicates ${r.duplicates}, position ${r.position}`,
  });
  addVerb(noun, around, {
    usage: 'read <service>', summary: 'the feature vector as it would be served at T',
    configure: (command) => command
      .requiredOption('--at <time>', 'T', parseTime)
      .option('--key <name=value>', 'an entity key; repeat for more', pairs)
      .option('--request <name=value>', 'a request column; repeat for more', pairs),
    call: (client, [service = ''], options) => client.features.read.query({ service, at: options['at'] as number, keys: (options['key'] ?? {}) as never, request: (options['request'] ?? {}) as never }),
    show: (v) => table(['feature', 'value', 'status'], v.features.map((name, i) => [name, v.values[i] === null ? null : String(v.values[i]), v.statuses[i]])),
  });
}
