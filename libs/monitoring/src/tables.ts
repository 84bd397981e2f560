import type { BlobStore } from '@mettle/blob-store';
import { isBatch, type Catalogue, type Range, type SegmentTable } from '@mettle/contracts';
import { LABEL_COLUMNS, PREDICTION_COLUMNS } from '@mettle/datasets';
import { tableOf } from '@mettle/duckdb';
import type { Column } from '@mettle/duckdb';

const text = (name: string): Column => ({ name, type: 'VARCHAR' });
const big = (name: string): Column => ({ name, type: 'BIGINT' });

/** The columns that monitors and comparisons read, for a table that has no file yet. */
const COLUMNS = {
  predictions: PREDICTION_COLUMNS,
  labels: LABEL_COLUMNS,
  vectors: [text('prediction_id'), big('at'), text('request')],
} satisfies Partial<Record<SegmentTable, readonly Column[]>>;

export type MeasuredTable = keyof typeof COLUMNS;

/** The sealed files of a table whose time overlaps `range`, in the catalogue's order. Without what was scored in batch: monitors and comparisons judge traffic. */
export const segmentsWithin = (catalogue: Catalogue, table: SegmentTable, range: Range, name?: string): Catalogue['segments'] =>
  catalogue.segments.filter((one) => one.table === table && one.rows > 0 && !isBatch(one) && one.range.from < range.to && one.range.to > range.from && (name === undefined || one.name === name));

/** A SQL table expression over those files and nothing else. */
export async function tableWithin(blobs: Pick<BlobStore, 'path'>, catalogue: Catalogue, table: MeasuredTable, range: Range, name?: string): Promise<string> {
  const paths = await Promise.all(segmentsWithin(catalogue, table, range, name).map(({ hash }) => blobs.path(hash)));
  return tableOf(paths, COLUMNS[table]);
}
