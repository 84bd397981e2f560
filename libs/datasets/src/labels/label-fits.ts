import { LARGEST_REGRESSION_VALUE, type LabelSpace, type Task } from '@mettle/contracts';

const FITS: Readonly<Record<Task, (value: string, classes: number) => string>> = {
  binary: (value) => `${value} IN (0, 1)`,
  multiclass: (value, classes) => `(${value} = floor(${value}) AND ${value} >= 0 AND ${value} < ${classes})`,
  regression: (value) => `abs(${value}) <= ${LARGEST_REGRESSION_VALUE}`,
  ranking: () => 'false',
};

/** SQL twin of `labelProblem`: whether a DOUBLE is a label of the task. NaN is none. */
export const labelFits = ({ task, classes = 0 }: LabelSpace, value: string): string => FITS[task](value, classes);
