import type { Losses as Scored } from './demoClient.ts';

/** Labelled rows and their mean log loss. */
interface Part {
  readonly rows: number;
  readonly mean: number | null;
}

/** Mean log loss of one column of the table: over the months that are judged, and by month and ISO week of T (UTC). */
export interface Column {
  readonly mean: number | null;
  readonly byMonth: ReadonlyMap<string, Part>;
  readonly byWeek: ReadonlyMap<string, Part>;
}

type Stretch = Pick<Scored, 'byMonth' | 'byWeek'>;

/** The platform sums losses in whole units of 1e-9: added as such, any cut into stretches gives the same bits. */
const UNITS = 1e9;

const merged = (parts: readonly Part[]): Part => {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  return { rows, mean: rows === 0 ? null : parts.reduce((sum, part) => sum + Math.round(part.rows * (part.mean ?? 0) * UNITS), 0) / UNITS / rows };
};

function folded(parts: readonly (readonly [name: string, part: Part])[]): Map<string, Part> {
  const groups = new Map<string, Part[]>();
  for (const [name, part] of parts) groups.set(name, [...(groups.get(name) ?? []), part]);
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]) => [name, merged(group)]));
}

/** One column of stretches of time that do not overlap. @param judged whether a month (`2013-04`) counts in `mean` */
export function columnOf(stretches: readonly Stretch[], judged: (month: string) => boolean): Column {
  const byMonth = folded(stretches.flatMap((one) => one.byMonth.filter(({ month }) => judged(month)).map((part) => [part.month, part] as const)));
  const byWeek = folded(stretches.flatMap((one) => one.byWeek.map((part) => [part.week, part] as const)));
  return { mean: merged([...byMonth.values()]).mean, byMonth, byWeek };
}
