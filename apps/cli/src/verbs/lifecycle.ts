import type { Client } from '@mettle/api-client';
import type { Command } from 'commander';
import { facts, parts, table } from '../output/table.ts';
import { moment } from '../output/time.ts';
import { versionName } from '../output/version.ts';
import { addVerb, type Surroundings } from '../verb.ts';

type Status = Awaited<ReturnType<Client['lifecycle']['get']['query']>>['status'];

const line = (s: Status): string => `${moment(s.watermark ?? s.startedAt)}  ${s.phase.padEnd(9)} ${s.state.padEnd(12)} ${versionName(s.version) ?? ''}  ${s.waitsFor}`;
const noted = (command: Command): Command => command.option('--note <text>', 'why', '');

/** `mettle lifecycle`: candidates on their way. */
export function lifecycle(program: Command, around: Surroundings): void {
  const noun = program.command('lifecycle').description('candidates on their way from training to production');
  addVerb(noun, around, {
    usage: 'list <endpoint>', summary: 'lifecycles, oldest first',
    configure: (command) => command.option('--open', 'only those that have not ended', false),
    call: (client, [endpoint = ''], options) => client.lifecycle.list.query({ endpoint, open: options['open'] === true }),
    show: (all) => table(['started', 'cause', 'kind', 'version', 'phase', 'state', 'verdict', 'waits for'], all.map(({ status: s }) => [moment(s.startedAt), s.cause, s.kind, versionName(s.version), s.phase, s.state, s.verdict, s.waitsFor])),
  });
  addVerb(noun, around, {
    usage: 'get <id>', summary: 'one lifecycle: phase, reasons and evidence',
    call: (client, [id = '']) => client.lifecycle.get.query({ id }),
    show: ({ status: s, spec, reasons }) => parts(
      facts([['id', s.id], ['cause', s.cause], ['kind', s.kind], ['version', versionName(s.version)], ['phase', s.phase], ['state', s.state], ['verdict', s.verdict], ['waits for', s.waitsFor], ['started', moment(s.startedAt)], ['ended', moment(s.endedAt)], ['snapshot', s.snapshot], ['note', spec.note]]),
      reasons.join('\n'),
      table(['role', 'metric', 'segment', 'estimate', 'lower', 'upper', 'margin', 'slots', 'rows', 'verdict'], s.effects.map((e) => [e.role, e.metric, e.segment, e.estimate, e.lower, e.upper, e.margin, e.slots, e.rows, e.verdict]), ''),
    ),
  });
  addVerb(noun, around, {
    usage: 'start <endpoint>', summary: 'train a candidate and bring it on its way',
    configure: (command) => noted(command)
      .requiredOption('--cause <name>', 'names the lifecycle: letters, digits, dot, dash')
      .option('--kind <kind>', 'refresh (non-inferior) or change (superior)', 'refresh')
      .option('--service <hash>', 'another feature service than the plan says')
      .option('--snapshot <hash>', 'train on this data version')
      .option('--initial', 'deploy as the first champion when it qualifies', false),
    call: (client, [endpoint = ''], options) => client.lifecycle.start.mutate({
      endpoint, cause: options['cause'] as string, kind: options['kind'] as 'refresh', initial: options['initial'] === true, note: options['note'] as string,
      service: (options['service'] as string | undefined) ?? null, snapshot: (options['snapshot'] as string | undefined) ?? null,
    }),
    show: (s) => `${s.id}: ${s.phase}, ${s.state}; ${s.waitsFor}`,
  });
  for (const [word, summary] of [['approve', 'let a candidate become champion'], ['reject', 'end a candidate']] as const) {
    addVerb(noun, around, {
      usage: `${word} <id>`, summary, configure: noted,
      call: (client, [id = ''], options) => client.lifecycle[word].mutate({ id, note: options['note'] as string }),
      show: (s) => `${s.id}: ${s.phase}, ${s.state}; ${s.waitsFor}`,
    });
  }
  addVerb(noun, around, {
    usage: 'watch <id>', summary: 'follow a lifecycle until it has ended',
    call: (client, [id = ''], options, out) =>
      new Promise<Status | null>((resolve, reject) => {
        let last: Status | null = null;
        client.lifecycle.progress.subscribe({ id }, {
          onData: ({ data }) => {
            last = data;
            if (options['json'] !== true) out(`${line(data)}\n`);
          },
          onError: reject,
          onComplete: () => resolve(last),
        });
      }),
    show: (s) => (s === null ? 'unknown' : `ended: ${s.state}`),
  });
}
