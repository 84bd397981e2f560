import type { SlotSums, Task, TimeUs } from '@mettle/contracts';
import { MettleError } from '@mettle/contracts';
import { aucDifference, checkPaired } from '@mettle/statistics';
import type { BlockSums } from './dependence/blocks.ts';
import { blockSums } from './dependence/blocks.ts';
import type { RowLoss } from './row-loss.ts';
import { rowLoss } from './row-loss.ts';
import type { PairedLoss } from './slot-series.ts';
import { slotSums } from './slot-series.ts';

/** The same rows scored by two models. */
export interface PairedRows {
  readonly labels: ArrayLike<number>;
  readonly champion: ArrayLike<number>;
  readonly candidate: ArrayLike<number>;
  /** T of each row, µs. */
  readonly at: ArrayLike<TimeUs>;
  /** Who or where the row is about: rows of one entity in one slot are a block. */
  readonly entity?: ArrayLike<string | number>;
}

/** The row losses of both models, checked. @throws MettleError INVALID_INPUT for unequal lengths and for rows without a label or score */
function* pairs(rows: PairedRows, loss: RowLoss, classes: number): Generator<PairedLoss & { row: number }> {
  checkPaired(rows.labels, rows.at, 'labels and times');
  if (rows.champion.length !== rows.candidate.length || rows.champion.length !== rows.labels.length * classes) throw new MettleError('INVALID_INPUT', 'both models score every row', { labels: rows.labels.length, champion: rows.champion.length, candidate: rows.candidate.length });
  for (let row = 0; row < rows.labels.length; row += 1) {
    const champion = loss.of(rows.labels, rows.champion, row);
    const candidate = loss.of(rows.labels, rows.candidate, row);
    yield { at: rows.at[row] as number, champion, candidate, row };
  }
}

/** Scores of a row: one for each class of a multiclass task. */
const perRow = (task: Task, classes = 2): number => (task === 'multiclass' ? classes : 1);

/**
 * Candidate minus champion by slot, in the loss of a metric (below zero: the candidate is better, whatever the metric's
 * direction). What {@link slotSums} gives merges by `mergeSlots`, and `summariseSlots` is the evidence.
 * @throws MettleError INVALID_INPUT for a metric that is no mean of row losses
 */
export const pairedSlots = (task: Task, metric: string, rows: PairedRows, width: number, classes?: number): SlotSums[] => slotSums(pairs(rows, rowLoss(task, metric, classes), perRow(task, classes)), width);

/** The same differences by entity and slot: what {@link blockSums} needs to measure dependence. Without entities each slot is one block. */
export function pairedBlocks(task: Task, metric: string, rows: PairedRows, width: number, classes?: number): BlockSums[] {
  const loss = rowLoss(task, metric, classes);
  const { entity } = rows;
  return blockSums((function* () {
    for (const { at, champion, candidate, row } of pairs(rows, loss, perRow(task, classes))) yield { at, entity: entity === undefined ? '' : String(entity[row]), difference: candidate - champion };
  })(), width);
}

/**
 * AUC(candidate) - AUC(champion) on the same rows, by DeLong at a fixed horizon: above zero the candidate is better. Its
 * rows count as independent, so it describes, and decides nothing where `unitOfEvidence` refuses the row.
 */
export const pairedAuc = (labels: ArrayLike<number>, champion: ArrayLike<number>, candidate: ArrayLike<number>, alpha: number): ReturnType<typeof aucDifference> => aucDifference(labels, candidate, champion, alpha);
