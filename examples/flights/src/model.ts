import { days, type Task } from '@mettle/contracts';

/** LightGBM as in the field's first notebook; the same for every candidate of the year but one. */
export const trainer = {
  name: 'lightgbm',
  parameters: { num_iterations: 100, learning_rate: 0.1, num_leaves: 31, objective: 'binary' },
  seed: 2013,
};

export const model = {
  name: 'flight-lateness',
  task: 'binary' as Task,
  owner: 'delay-analytics',
  /** The last two days before a training are kept out, for the offline gate. */
  holdout: days(2),
};
