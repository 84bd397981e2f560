import { binOf, checkEdges } from '@mettle/statistics';

/** A column of categories: `values[codes[row]]` is the row's. */
export interface SliceColumn { readonly name: string; readonly codes: Int32Array; readonly values: readonly string[] }

/** Values as they are, in order of their text; null is the category `null`. */
export function sliceColumn(name: string, values: ArrayLike<string | number | boolean | null>): SliceColumn {
  const texts = Array.from(values, String);
  const distinct = [...new Set(texts)].sort();
  const code = new Map(distinct.map((value, at) => [value, at]));
  return { name, codes: Int32Array.from(texts, (text) => code.get(text) as number), values: distinct };
}

/** Numbers by bin [a, b), the last closed, with `<a`, `>=b` and `null` (NaN too) of their own where they occur. */
export function binnedColumn(name: string, values: ArrayLike<number | null>, edges: readonly number[]): SliceColumn {
  checkEdges(edges);
  const first = edges[0] as number;
  const last = edges[edges.length - 1] as number;
  return sliceColumn(name, Array.from(values, (value) => {
    if (value === null || Number.isNaN(value)) return null;
    if (value < first) return `<${first}`;
    if (value > last) return `>${last}`;
    const at = binOf(edges, value);
    return `[${edges[at]}, ${edges[at + 1]}${at === edges.length - 2 ? ']' : ')'}`;
  }));
}
