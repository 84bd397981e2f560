import type { Command } from 'commander';
import { readInput } from '../input.ts';
import { facts, parts, table } from '../output/table.ts';
import { moment } from '../output/time.ts';
import { parseVersion, versionName } from '../output/version.ts';
import { addVerb, type Surroundings } from '../verb.ts';

const TASKS = ['binary', 'multiclass', 'regression', 'ranking'] as const;

/** `mettle models`: registered models and their versions. */
export function models(program: Command, around: Surroundings): void {
  const noun = program.command('models').description('registered models and their versions');
  addVerb(noun, around, {
    usage: 'list', summary: 'registered models',
    call: (client) => client.models.list.query({}),
    show: (all) => table(['model', 'versions', 'created', 'by', 'description'], all.map((m) => [m.name, m.latest, moment(m.createdAt), m.by.id, m.description])),
  });
  addVerb(noun, around, {
    usage: 'create <model>', summary: 'create a registered model',
    configure: (command) => command.option('--description <text>', 'what it is for', ''),
    call: (client, [model = ''], options) => client.models.create.mutate({ model, description: options['description'] as string }),
    show: (m) => `created ${m.name}`,
  });
  addVerb(noun, around, {
    usage: 'versions <model>', summary: 'versions, oldest first',
    call: (client, [model = '']) => client.models.versions.query({ model }),
    show: (all) => table(['version', 'stage', 'qualified', 'aliases', 'origin', 'created', 'lineage'], all.map((v) => [
      versionName(v.manifest), v.stage, v.qualified, v.aliases.join(','), v.manifest.origin, moment(v.manifest.createdAt), v.lineage.complete ? 'complete' : `lacks ${v.lineage.missing.join(', ')}`,
    ])),
  });
  addVerb(noun, around, {
    usage: 'version <model@n>', summary: 'one version',
    call: (client, [ref = '']) => client.models.version.query(parseVersion(ref)),
    show: (v) => parts(
      facts([['version', versionName(v.manifest)], ['stage', v.stage], ['qualified', v.qualified], ['aliases', v.aliases.join(', ')], ['task', v.manifest.task], ['file', v.manifest.file], ['bytes', v.manifest.bytes], ['opset', v.manifest.opset], ['created', moment(v.manifest.createdAt)], ['by', v.manifest.by.id]]),
      table(['offline metric', 'value', 'rows'], Object.entries(v.manifest.offline).map(([name, m]) => [name, m.value, m.rows]), ''),
      table(['input', 'datatype', 'missing'], v.manifest.signature.inputs.map((input) => [input.name, input.datatype, input.missing]), ''),
    ),
  });
  addVerb(noun, around, {
    usage: 'lineage <model@n>', summary: 'where a version comes from',
    call: (client, [ref = '']) => client.models.lineage.query(parseVersion(ref)),
    show: (l) => facts([
      ['version', versionName(l.version)], ['origin', l.origin], ['complete', l.complete ? 'yes' : `no: lacks ${l.missing.join(', ')}`],
      ['snapshot', l.snapshot === null ? null : `${l.snapshot.manifest.slice(0, 12)} as of ${moment(l.snapshot.asOf)}, ${l.snapshot.rows} rows`],
      ['feature service', l.service === null ? null : `${l.service.name} ${l.service.hash.slice(0, 12)} from ${l.service.sources.join(', ')}`],
      ['trainer', l.manifest.trainer === null ? null : `${l.manifest.trainer.name} ${JSON.stringify(l.manifest.trainer.parameters)} seed ${l.manifest.trainer.seed}`],
      ['code', l.manifest.code], ['environment', l.manifest.environment], ['reference profile', l.manifest.referenceProfile],
      ['ancestors', l.ancestors.map((ref) => versionName(ref)).join(' ← ')],
      ['attested', l.manifest.attested === null ? null : `${l.manifest.attested.by.id}: ${l.manifest.attested.note} (${l.manifest.attested.fields.join(', ')})`],
    ]),
  });
  addVerb(noun, around, {
    usage: 'import <model> <file>', summary: 'register a version from an ONNX file',
    configure: (command) => command
      .requiredOption('--task <task>', TASKS.join(', '))
      .requiredOption('--note <text>', 'where the model comes from: stands for the lineage that an import cannot prove')
      .option('--service <service>', 'feature service that it was made for, by hash or name')
      .option('--fitted <file>', 'vocabularies of categorical features (JSON)'),
    call: async (client, [model = '', path = ''], options) => client.files.importModel(model, { path }, {
      task: options['task'] as (typeof TASKS)[number], note: options['note'] as string,
      ...(options['service'] === undefined ? {} : { service: options['service'] as string }),
      ...(options['fitted'] === undefined ? {} : { fitted: (await readInput(options['fitted'] as string)) as never }),
    }),
    show: (v) => `${versionName(v.manifest)} in ${v.stage}`,
  });
  addVerb(noun, around, {
    usage: 'aliases <model>', summary: 'aliases and what they name',
    call: (client, [model = '']) => client.models.aliases.query({ model }),
    show: (all) => table(['alias', 'version'], Object.entries(all)),
  });
  addVerb(noun, around, {
    usage: 'alias <model@n> <alias>', summary: 'point an alias at a version',
    call: (client, [ref = '', alias = '']) => client.models.setAlias.mutate({ ...parseVersion(ref), alias }),
    show: (v) => `points at ${versionName(v)}`,
  });
}
