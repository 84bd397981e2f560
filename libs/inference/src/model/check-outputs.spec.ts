import { describe, expect, it } from 'vitest';
import { isMettleError, type LabelSpace, type Signature } from '@mettle/contracts';
import { checkOutputs } from './check-outputs.ts';

const codeOf = (space: LabelSpace, ...outputs: [string, number[]][]): string | null => {
  try {
    checkOutputs(space, { outputs: outputs.map(([name, shape]): Signature['outputs'][number] => ({ name, datatype: 'FP32', shape })) });
    return null;
  } catch (error) {
    return isMettleError(error) ? error.code : String(error);
  }
};

describe('the outputs of a model', () => {
  it('are what its task needs', () => {
    expect(codeOf({ task: 'binary' }, ['label', [-1]], ['probabilities', [-1, 2]])).toBeNull();
    expect(codeOf({ task: 'binary' }, ['p', [-1, 1]])).toBeNull();
    expect(codeOf({ task: 'regression' }, ['variable', [-1, 1]])).toBeNull();
    expect(codeOf({ task: 'multiclass', classes: 4 }, ['label', [-1]], ['probabilities', [-1, 4]])).toBeNull();
  });

  it.each<[string, LabelSpace, [string, number[]][]]>([
    ['values for probabilities of two', { task: 'binary' }, [['variable', [-1, 3]]]],
    ['probabilities for values', { task: 'regression' }, [['probabilities', [-1, 2]]]],
    ['several values for one', { task: 'regression' }, [['quantiles', [-1, 3]]]],
    ['other classes', { task: 'multiclass', classes: 4 }, [['probabilities', [-1, 3]]]],
    ['classes by another name', { task: 'multiclass', classes: 4 }, [['scores', [-1, 4]]]],
    ['nothing', { task: 'regression' }, []],
  ])('are refused: %s', (_name, space, outputs) => {
    expect(codeOf(space, ...outputs)).toBe('SIGNATURE_MISMATCH');
  });
});
