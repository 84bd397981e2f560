export type Cell = string | number | boolean | null | undefined;

const text = (cell: Cell): string => (cell === null || cell === undefined ? '–' : typeof cell === 'number' ? figure(cell) : String(cell));

/** Integers as they are, other numbers to four significant digits. */
export const figure = (value: number): string => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4))));

/** Columns aligned under their names: numbers to the right, text to the left. `none` stands for no rows. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[], none = 'none'): string {
  if (rows.length === 0) return none;
  const cells = rows.map((row) => row.map(text));
  const numeric = columns.map((_, i) => rows.every((row) => typeof row[i] === 'number' || row[i] === null || row[i] === undefined) && rows.some((row) => typeof row[i] === 'number'));
  const width = columns.map((name, i) => Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (parts: readonly string[]): string => parts.map((part, i) => (numeric[i] === true ? part.padStart(width[i]!) : part.padEnd(width[i]!))).join('  ').trimEnd();
  return [line(columns), ...cells.map(line)].join('\n');
}

/** `name  value` lines. */
export function facts(entries: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${text(value)}`.trimEnd()).join('\n');
}

/** Parts with a blank line between; empty ones are left out. */
export const parts = (...all: readonly string[]): string => all.filter((part) => part !== '').join('\n\n');
