import { MettleError, type LabelSpace, type Signature } from '@mettle/contracts';

/** Numbers a row that the task's metrics judge, and the output that gives them: `probabilities`, or else the first. */
const WIDTHS = {
  binary: () => [1, 2],
  multiclass: (classes: number) => [classes],
  regression: () => [1],
  ranking: () => [1],
} as const satisfies Record<LabelSpace['task'], (classes: number) => readonly number[]>;

/**
 * Proves that a model answers what its task needs: P(1) or [P(0), P(1)], a probability for each class, or one value.
 * @throws MettleError SIGNATURE_MISMATCH
 */
export function checkOutputs({ task, classes = 0 }: LabelSpace, { outputs }: Pick<Signature, 'outputs'>): void {
  const probabilities = outputs.find(({ name }) => name === 'probabilities');
  const shown = outputs.map(({ name, shape }) => `${name}[${shape.join(',')}]`);
  const refuse = (message: string): MettleError => new MettleError('SIGNATURE_MISMATCH', message, { task, outputs: shown });
  if (task === 'multiclass' && probabilities === undefined) throw refuse('a multiclass model has an output `probabilities`');
  if (task === 'regression' && probabilities !== undefined) throw refuse('the model gives probabilities, where the task is a regression');
  const width = (probabilities ?? outputs[0])?.shape[1];
  const expected: readonly number[] = WIDTHS[task](classes);
  if (width === undefined || !expected.includes(width)) throw refuse(`the model gives ${width ?? 'no'} numbers a row, where the task ${task} has ${expected.join(' or ')}`);
}
