import { CLIP } from '@mettle/evaluation';
import type { LossName } from '@mettle/evaluation';

/** Losses are summed in units of 1e-9, as integers: the sum is the same whatever the order, the threads or the files. */
export const LOSS_UNIT = 1e-9;

const expression: Readonly<Record<LossName, (label: string, p: string) => string>> = {
  log_loss: (label, p) => `-ln(least(greatest(CASE WHEN ${label} = 1 THEN ${p} ELSE 1 - ${p} END, ${CLIP}), 1 - ${CLIP}))`,
  brier: (label, p) => `(${p} - ${label}) * (${p} - ${label})`,
  zero_one: (label, p) => `CASE WHEN (${p} >= 0.5) = (${label} = 1) THEN 0 ELSE 1 END`,
};

/** Row loss in SQL: the twin of `LOSSES` in @mettle/evaluation, rounded to whole units. */
export const lossUnits = (loss: LossName, label: string, p: string): string => `CAST(round((${expression[loss](label, p)}) / ${LOSS_UNIT}) AS BIGINT)`;
