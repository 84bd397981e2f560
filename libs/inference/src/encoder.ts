import { type Fitted, MettleError, type Value } from '@mettle/contracts';
import type { CompiledService } from '@mettle/feature-language';

/** Fills one row of a float tensor from a feature vector's values. */
export type Encoder = (values: readonly Value[], target: Float32Array, offset: number) => void;

const MISSING = Number.NaN;

/**
 * How a service's values become tensor numbers: numbers as they are (rounded to float32), booleans 0 and 1, categories
 * their index in the fitted vocabulary; null and unseen categories NaN.
 * @throws MettleError SIGNATURE_MISMATCH when a category has no vocabulary, or a text feature is no category
 */
export function encoderOf(features: CompiledService['features'], fitted: Fitted | null): Encoder {
  const columns = features.map(({ name, type, category }) => {
    if (!category) {
      if (type === 'string') throw new MettleError('SIGNATURE_MISMATCH', `feature ${name} is text and no category: a model cannot read it`, { feature: name });
      return (value: Value | undefined): number => (typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : MISSING);
    }
    const vocabulary = fitted?.vocabularies[name];
    if (vocabulary === undefined) throw new MettleError('SIGNATURE_MISMATCH', `category ${name} has no fitted vocabulary`, { feature: name });
    const index = new Map(vocabulary.map((text, position) => [text, position]));
    return (value: Value | undefined): number => (value === null || value === undefined ? MISSING : (index.get(String(value)) ?? MISSING));
  });
  return (values, target, offset) => {
    for (let i = 0; i < columns.length; i += 1) target[offset + i] = columns[i]!(values[i]);
  };
}
