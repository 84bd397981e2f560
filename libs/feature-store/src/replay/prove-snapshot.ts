import type { EventRecord, Keys, Value } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { fileList, sqlName } from '@mettle/duckdb';
import type { CompiledService, ServiceDefinition } from '@mettle/feature-language';
import { compileService } from '@mettle/feature-language';
import { createMemoryStore } from '../online/open-online-store.ts';
import { featureColumns } from './audit-log.ts';
import type { Comparison, Mismatch } from './comparison.ts';
import { createComparison, differences } from './comparison.ts';
import { longestOf, stageEvents } from './event-stream.ts';
import type { EventColumns } from './event-stream.ts';
import type { EventFiles } from './replay-vectors.ts';
import { sourceOf } from './replay-vectors.ts';
import type { Spine } from './spine.ts';
import { spineSql } from './spine.ts';

/** Hands out a source's events, in total order, as T passes. */
interface Feed {
  /** The events with knownAt <= at that were not handed out before. */
  until(at: number): Promise<EventRecord[]>;
  close(): Promise<void>;
}

function recordAt(source: string, keys: readonly string[], columns: readonly string[], events: EventColumns, row: number): EventRecord {
  const record: EventRecord = {
    v: 1, source, schema: '', publishedAt: null, partition: 0, revision: 0,
    eventId: events.ids[row] as string, op: events.retract[row] === true ? 'retract' : 'assert',
    eventTime: events.eventTime[row] as number, knownAt: events.knownAt[row] as number, sequence: events.sequence[row] as number,
    keys: {}, values: {},
  };
  keys.forEach((name, index) => void ((record.keys as Record<string, string | number>)[name] = events.keys[index]?.[row] as string | number));
  columns.forEach((name, index) => void ((record.values as Record<string, Value>)[name] = events.values[index]?.[row] as Value));
  return record;
}

async function openFeed(db: Db, service: CompiledService, name: string, files: readonly string[], span: { first: number; last: number }): Promise<Feed> {
  const views = service.views.filter(({ reducer }) => reducer.source === name).map(({ reducer }) => reducer);
  const keys = [...new Set(views.flatMap(({ entityKeys }) => entityKeys))];
  const columns = [...new Set(views.flatMap((view) => view.columns))];
  // Only values are proven: what is too old to change one need not enter the store.
  const horizon = longestOf(views.map(({ valueHorizon }) => valueHorizon));
  const events = await stageEvents(db, { source: sourceOf(service, name), files, views, order: 'time', after: horizon === null ? null : span.first - horizon, until: span.last });
  const chunks = events.stream({ keys, columns, byEntity: false, after: null });
  let chunk: EventColumns | undefined;
  let row = 0;
  let done = false;
  return {
    until: async (at) => {
      const visible: EventRecord[] = [];
      while (!done) {
        if (chunk === undefined || row >= chunk.rows) {
          const next = await chunks.next();
          row = 0;
          if (next.done === true) done = true;
          else chunk = next.value;
          continue;
        }
        if ((chunk.knownAt[row] as number) > at) break;
        visible.push(recordAt(name, keys, columns, chunk, row));
        row += 1;
      }
      return visible;
    },
    close: async () => {
      await chunks.return(undefined);
      await events.drop();
    },
  };
}

/**
 * Recomputes a snapshot through the serving path, before anything serves it: events enter an online store in total
 * order as T passes, and each row is read from it at its T. `vectorsFile` is what joinPointInTime wrote for the spine.
 */
export async function proveSnapshot({ db, definition, eventFiles, spine, vectorsFile }: {
  db: Db; definition: ServiceDefinition; eventFiles: EventFiles; spine: Spine; vectorsFile: string | readonly string[];
}): Promise<Comparison> {
  const service = compileService(definition);
  const store = createMemoryStore({ anyOrder: true });
  await store.register(definition);
  const comparison = createComparison();
  const names = service.features.map(({ name }) => name);
  const files = typeof vectorsFile === 'string' ? [vectorsFile] : vectorsFile;
  if (spine.files.length === 0 && files.length === 0) return comparison.result();

  // Equal ids are told apart by their rank, so that a row that is there twice must be there twice on both sides.
  const { from, params } = spineSql(spine);
  const ranked = (table: string, columns: string) => `SELECT prediction_id, "at", row_number() OVER (PARTITION BY prediction_id ORDER BY "at") AS rank, ${columns} FROM ${table}`;
  const sql = `SELECT coalesce(s.prediction_id, v.prediction_id), coalesce(s."at", v."at")::DOUBLE, s.keys, s.request, v.rank IS NOT NULL${featureColumns(service).map((column) => `, ${column}`).join('')}
    FROM (${ranked(from, 'keys, request')}) s FULL JOIN (${ranked(`read_parquet(${fileList(files)})`, names.map((name) => sqlName(`f_${name}`)).join(', '))}) v
    ON s.prediction_id = v.prediction_id AND s."at" = v."at" AND s.rank = v.rank ORDER BY 2, 1`;
  const [span] = await db.all<{ first: number | null; last: number | null }>(`SELECT min("at") AS first, max("at") AS last FROM ${from}`, params);
  const sources = [...new Set(service.views.map(({ reducer }) => reducer.source))];
  const feeds: Feed[] = [];
  let applied = -Infinity;

  try {
    for (const name of sources) feeds.push(await openFeed(db, service, name, eventFiles[name] ?? [], { first: span?.first ?? 0, last: span?.last ?? 0 }));
    for await (const { columns, rows } of db.stream(sql, params)) {
      for (let row = 0; row < rows; row += 1) {
        const [id, at, keys, request] = columns.slice(0, 4).map((column) => column[row]) as [string, number, string | null, string | null];
        const whole = (missing: Mismatch['found']): void => comparison.row(id, at, [{ feature: null, found: missing, expected: 'a row' }]);
        if (keys === null || request === null) {
          whole('a row that the spine does not have');
          continue;
        }
        if (columns[4]?.[row] !== true) {
          whole(null);
          continue;
        }
        if (at > applied) {
          for (const feed of feeds) {
            const events = await feed.until(at);
            if (events.length > 0) await store.apply(events);
          }
          applied = at;
        }
        const [vector] = await store.read(service, [{ keys: JSON.parse(keys) as Keys, request: JSON.parse(request) as Record<string, Value>, at }]);
        comparison.row(id, at, differences(names, (feature) => (columns[5 + feature]?.[row] ?? null) as Value, vector?.values ?? []));
      }
    }
  } finally {
    for (const feed of feeds) await feed.close();
  }
  return comparison.result();
}
