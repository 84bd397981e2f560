import type { Column } from './column.ts';
import { fileList, sqlName } from './sql.ts';

/**
 * A table expression over Parquet files: `read_parquet([...])`, or an empty table of the given columns when there are
 * no files, so that a query reads the same on the first day.
 */
export function tableOf(paths: readonly string[], columns: readonly Column[]): string {
  if (paths.length > 0) return `read_parquet(${fileList(paths)})`;
  const nulls = columns.map(({ name, type }) => `NULL::${type} AS ${sqlName(name)}`);
  return `(SELECT ${nulls.join(', ')} WHERE false)`;
}
