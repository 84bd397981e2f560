import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { readLines } from '../input.ts';
import { facts, parts, table } from '../output/table.ts';
import { moment, parseTime } from '../output/time.ts';
import { addVerb, type Surroundings } from '../verb.ts';

/** `mettle datasets`: observations, labels, data versions. */
export function datasets(program: Command, around: Surroundings): void {
  const noun = program.command('datasets').description('observations, labels and data versions');
  addVerb(noun, around, {
    usage: 'counts <endpoint>', summary: 'sealed rows by table, and what is not sealed yet',
    call: (client, [endpoint = '']) => client.datasets.counts.query({ endpoint }),
    show: (c) => parts(table(['table', 'rows'], Object.entries(c.sealed).sort()), facts([['predictions', c.predictions], ['observations', c.observations], ['labels', c.labels], ['parked labels', c.parkedLabels], ['labels of before their prediction', c.earlyLabels], ['labels of another task', c.unfitLabels], ['segments', c.segments], ['data versions', c.snapshots], ...Object.entries(c.logged).map(([log, last]) => [`${log} in the log`, last] as const)])),
  });
  addVerb(noun, around, {
    usage: 'list [endpoint]', summary: 'data versions, the newest asOf first',
    call: (client, [endpoint]) => client.datasets.snapshots.query(endpoint === undefined ? {} : { endpoint }),
    show: (all) => table(['snapshot', 'as of', 'from', 'to', 'rows', 'labelled'], all.map((s) => [s.manifest.slice(0, 12), moment(s.asOf), moment(s.range.from), moment(s.range.to), s.rows, s.labelled])),
  });
  addVerb(noun, around, {
    usage: 'get <snapshot>', summary: 'one data version and its columns (full hash)',
    call: (client, [snapshot = '']) => client.datasets.snapshot.query({ snapshot }),
    show: ({ snapshot: s, manifest }) => parts(
      facts([['snapshot', s.manifest], ['service', s.service], ['origin', manifest.origin], ['as of', moment(s.asOf)], ['rows', s.rows], ['labelled', s.labelled], ['profile', s.profile]]),
      table(['partition', 'rows', 'from', 'to'], manifest.partitions.map((p) => [p.hash.slice(0, 12), p.rows, moment(p.range.from), moment(p.range.to)])),
      table(['column', 'type'], manifest.columns.map((column) => [column.name, column.type])),
    ),
  });
  addVerb(noun, around, {
    usage: 'export <snapshot>', summary: 'download a data version as Parquet',
    configure: (command) => command.requiredOption('-o, --output <file>', 'where to write it'),
    async call(client, [snapshot = ''], options) {
      const file = options['output'] as string;
      await pipeline(await client.files.exportSnapshot(snapshot), createWriteStream(file));
      return { file, bytes: (await stat(file)).size };
    },
    show: (r) => `${r.file}: ${r.bytes} bytes`,
  });
  addVerb(noun, around, {
    usage: 'import <file>', summary: 'register a data version from Parquet (prediction_id, at, f_<feature>..., label)',
    configure: (command) => command
      .requiredOption('--service <service>', 'feature service, by hash or name')
      .requiredOption('--as-of <time>', 'labels are those known at this time', parseTime)
      .option('--endpoint <endpoint>', 'the endpoint that it is for'),
    call: (client, [path = ''], options) => client.files.importSnapshot({ path }, {
      service: options['service'] as string, asOf: options['asOf'] as number, ...(options['endpoint'] === undefined ? {} : { endpoint: options['endpoint'] as string }),
    }),
    show: (s) => `${s.manifest}: ${s.rows} rows, ${s.labelled} labelled`,
  });
  for (const [what, summary] of [['observations', 'import what was to be predicted (JSON lines)'], ['labels', 'push outcomes (JSON lines)']] as const) {
    addVerb(noun, around, {
      usage: `${what} <endpoint> <file>`, summary,
      async call(client, [endpoint = '', file = '']) {
        const total = { accepted: 0, duplicates: 0 };
        for await (const batch of readLines(file)) {
          const done = what === 'labels' ? await client.datasets.pushLabels.mutate({ endpoint, labels: batch as never }) : await client.datasets.pushObservations.mutate({ endpoint, observations: batch as never });
          total.accepted += done.accepted;
          total.duplicates += done.duplicates;
        }
        return total;
      },
      show: (r) => `accepted ${r.accepted}, duplicates ${r.duplicates}`,
    });
  }
}
