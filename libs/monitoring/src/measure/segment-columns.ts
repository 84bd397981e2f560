import type { Policy } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { sqlName, sqlString } from '@mettle/duckdb';

/** How to read a declared segment column of a row: an expression over `s` (predictions) and `v` (vectors), as text. */
export interface SegmentColumn {
  readonly column: string;
  readonly sql: string;
  readonly needsVectors: boolean;
}

const jsonText = (json: string, column: string): string => `json_extract_string(${json}, ${sqlString(`$."${column.replaceAll('"', '\\"')}"`)})`;

/**
 * Finds where each declared column lives: in the keys first, then in the request, then among the features. A column
 * that is nowhere is left out, so that `decide` says SEGMENT_MISSING.
 */
export async function findSegmentColumns(db: Db, declared: Policy['segments'], predictions: string, vectors: string): Promise<SegmentColumn[]> {
  if (declared.length === 0) return [];
  const [sample] = await db.all<{ keys: string }>(`SELECT keys FROM ${predictions} LIMIT 1`);
  if (sample === undefined) return [];
  const keys = Object.keys(JSON.parse(sample.keys) as object);
  if (declared.every(({ column }) => keys.includes(column))) return declared.map(({ column }) => ({ column, sql: jsonText('s.keys', column), needsVectors: false }));
  const [row] = await db.all<{ request: string }>(`SELECT request FROM ${vectors} LIMIT 1`);
  const request = row === undefined ? [] : Object.keys(JSON.parse(row.request) as object);
  const features = (await db.all<{ column_name: string }>(`DESCRIBE SELECT * FROM ${vectors}`)).map(({ column_name: name }) => name);
  return declared.flatMap(({ column }): SegmentColumn[] => {
    if (keys.includes(column)) return [{ column, sql: jsonText('s.keys', column), needsVectors: false }];
    if (request.includes(column)) return [{ column, sql: jsonText('v.request', column), needsVectors: true }];
    if (features.includes(`f_${column}`)) return [{ column, sql: `v.${sqlName(`f_${column}`)}::VARCHAR`, needsVectors: true }];
    return [];
  });
}
