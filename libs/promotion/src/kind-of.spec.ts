import { describe, expect, it } from 'vitest';
import type { Recipe } from '@mettle/contracts';
import { kindOf } from './kind-of.ts';

const recipe: Recipe = { task: 'binary', featureService: 'a'.repeat(64), trainer: { name: 'lightgbm', parameters: { num_leaves: 31, learning_rate: 0.05 }, seed: 1 }, code: 'r1' };
const trainer = { name: 'lightgbm', parameters: { num_leaves: 31, learning_rate: 0.05 }, seed: 1 };

describe('kindOf', () => {
  it('calls the same recipe a refresh, whatever the seed and the order of its parameters', () => {
    expect(kindOf(recipe, { ...recipe, trainer: { name: 'lightgbm', parameters: { learning_rate: 0.05, num_leaves: 31 }, seed: 99 } })).toBe('refresh');
  });

  it.each<[string, Partial<Recipe>]>([
    ['another task', { task: 'regression' }],
    ['another feature service', { featureService: 'b'.repeat(64) }],
    ['another trainer', { trainer: { ...trainer, name: 'lightgbm-scaled' } }],
    ['another parameter', { trainer: { ...trainer, parameters: { num_leaves: 63, learning_rate: 0.05 } } }],
    ['one parameter less', { trainer: { ...trainer, parameters: { num_leaves: 31 } } }],
    ['another code revision', { code: 'r2' }],
    ['no feature service', { featureService: null }],
    ['no trainer', { trainer: null }],
    ['no code revision', { code: null }],
  ])('calls %s a change, on either side', (_, over) => {
    expect(kindOf(recipe, { ...recipe, ...over })).toBe('change');
    expect(kindOf({ ...recipe, ...over }, recipe)).toBe('change');
  });

  it('cannot call two unknown recipes the same', () => {
    expect(kindOf({ ...recipe, code: null }, { ...recipe, code: null })).toBe('change');
    expect(kindOf({ ...recipe, trainer: null }, { ...recipe, trainer: null })).toBe('change');
  });
});
