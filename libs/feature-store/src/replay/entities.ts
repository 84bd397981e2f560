import type { Keys } from '@mettle/contracts';
import type { CompiledView } from '@mettle/feature-language';
import type { ReplayMode, SpineRows } from './spine.ts';

/** Rows of a spine by entity, each group in the order of the replay. Rows that lack a key are in no group. */
export type Groups = Map<string, number[]>;

/** Groups the spine's rows for several views, reading each row's keys once. */
export function groupRows(views: readonly CompiledView[], spine: SpineRows, mode: ReplayMode): Groups[] {
  const groups = views.map((): Groups => new Map<string, number[]>());
  for (let row = 0; row < spine.rows; row += 1) {
    const keys = JSON.parse(spine.keys[row] as string) as Keys;
    for (let view = 0; view < views.length; view += 1) {
      const entity = (views[view] as CompiledView).keyOf(keys);
      if (entity === null) continue;
      const group = groups[view]?.get(entity);
      if (group === undefined) groups[view]?.set(entity, [row]);
      else group.push(row);
    }
  }
  if (mode === 'position') for (const group of groups.flatMap((of) => [...of.values()])) group.sort((a, b) => (spine.position[a] as number) - (spine.position[b] as number));
  return groups;
}
