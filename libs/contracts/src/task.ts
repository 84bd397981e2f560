import { z } from 'zod';

export const Task = z.enum(['binary', 'multiclass', 'regression', 'ranking']);
export type Task = z.infer<typeof Task>;

/** Tasks that an endpoint can be declared for: trained, served, labelled and judged. */
export const ENDPOINT_TASKS = ['binary', 'multiclass', 'regression'] as const satisfies readonly Task[];

/** What labels can be. `classes`: how many a multiclass task tells apart, numbered from 0; two are binary. */
export const LabelSpace = z.object({ task: Task, classes: z.int().min(3).max(1_000).optional() });
export type LabelSpace = z.infer<typeof LabelSpace>;

/** The label space alone, of a plan that says more. */
export const labelSpaceOf = ({ task, classes }: LabelSpace): LabelSpace => (classes === undefined ? { task } : { task, classes });

/**
 * Largest size of a label and of a prediction of a regression, in units of the label. Squared errors are summed as
 * integers of 1e-12 in 128 bits: a thousand million rows of this size do not overflow.
 */
export const LARGEST_REGRESSION_VALUE = 1e8;

/** Why a number is no label of the task; null: it is one. */
export function labelProblem({ task, classes = 0 }: LabelSpace, value: number): string | null {
  switch (task) {
    case 'binary': return value === 0 || value === 1 ? null : 'a binary label is 0 or 1';
    case 'multiclass': return Number.isInteger(value) && value >= 0 && value < classes ? null : `a label is the number of a class, 0 to ${classes - 1}`;
    case 'regression': return Math.abs(value) <= LARGEST_REGRESSION_VALUE ? null : `a label lies within ±${LARGEST_REGRESSION_VALUE}: declare it in a larger unit`;
    case 'ranking': return 'an endpoint does not rank';
  }
}
