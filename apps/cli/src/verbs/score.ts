import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Client } from '@mettle/api-client';
import { InvalidArgumentError, type Command } from 'commander';
import { facts, figure, parts, table } from '../output/table.ts';
import { moment, parseTime } from '../output/time.ts';
import { parseVersion, versionName } from '../output/version.ts';
import { addVerb, type Options, type Surroundings } from '../verb.ts';

type Logged = Awaited<ReturnType<Client['batch']['score']['mutate']>>;
type Rows = Awaited<ReturnType<Client['batch']['scoreRows']['mutate']>>;
type Scored = (Logged | Rows) & { readonly out: string | null };

/** `mettle score`: the rows of a spine or a data version, or the logged vectors of a range. */
export function score(program: Command, around: Surroundings): void {
  addVerb(program, around, {
    usage: 'score <endpoint> <model@n>', summary: 'score a spine, a data version, or the logged vectors of a range with a version',
    configure: (command) => command
      .option('--spine <file>', 'Parquet with at, a column per entity key and request column, optionally id or prediction_id')
      .option('--snapshot <hash>', 'the rows of a data version (full hash)')
      .option('--from <time>', 'logged vectors: first T of the range', parseTime)
      .option('--to <time>', 'logged vectors: end of the range, exclusive', parseTime)
      .option('--metric <metric>', 'logged vectors: what to judge by, e.g. mae or pinball@0.9 (default: what the policy decides by)')
      .option('--watermark <time>', 'as sealed at this watermark (default: the present one)', parseTime)
      .option('-o, --out <file>', 'where to write the scores as Parquet'),
    async call(client, [endpoint = '', ref = ''], options) {
      const scored = await scoreOf(client, { endpoint, version: parseVersion(ref) }, options);
      const out = (options['out'] as string | undefined) ?? null;
      if (out !== null) await pipeline(await client.files.exportScores(scored.scores), createWriteStream(out));
      return { ...scored, out };
    },
    show: (scored: Scored) => ('byMonth' in scored
      ? parts(
        facts([['rows', scored.rows], ['labelled', scored.labelled], [`mean ${scored.metric}`, scored.mean === null ? null : figure(scored.mean)], ...written(scored)]),
        table(['month', 'rows', 'mean'], scored.byMonth.map((m) => [m.month, m.rows, m.mean]), ''),
      )
      : facts([['version', versionName(scored.version)], ['rows', scored.rows], ['failed', scored.failed], ['first T', moment(scored.range.from)], ['last T', moment(scored.range.to - 1)], ['logged', `${scored.rows} predictions, ${scored.vectors} vectors, from the next step of the clock`], ...written(scored)])),
  });
}

const written = ({ scores, out }: Scored): [string, string][] => [['scores', scores], ...(out === null ? [] : [['written to', out] as [string, string]])];

/** @throws InvalidArgumentError unless the options say one thing to score */
async function scoreOf(client: Client, { endpoint, version }: { endpoint: string; version: { model: string; version: number } }, options: Options): Promise<Logged | Rows> {
  const { spine, snapshot, from, to, metric, watermark } = options as { spine?: string; snapshot?: string; from?: number; to?: number; metric?: string; watermark?: number };
  const scope = { endpoint, ...(watermark === undefined ? {} : { watermark }) };
  const ranged = from !== undefined || to !== undefined;
  if ([spine !== undefined, snapshot !== undefined, ranged].filter(Boolean).length !== 1) throw new InvalidArgumentError('say what to score: --spine, --snapshot, or --from and --to');
  if (spine !== undefined) return client.batch.scoreRows.mutate({ ...scope, version, source: { kind: 'spine', spine: (await client.files.importSpine({ path: spine }, { endpoint, version })).spine } });
  if (snapshot !== undefined) return client.batch.scoreRows.mutate({ ...scope, version, source: { kind: 'snapshot', snapshot } });
  if (from === undefined || to === undefined) throw new InvalidArgumentError('a range has both --from and --to');
  return client.batch.score.mutate({ ...scope, range: { from, to }, schedule: [{ from: 0, version }], ...(metric === undefined ? {} : { metric }) });
}
