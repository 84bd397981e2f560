import { MettleError, type Fitted, type Value } from '@mettle/contracts';
import type { CompiledService } from '@mettle/feature-language';

export type Feature = CompiledService['features'][number];

/** Turns feature values into the numbers of a model's input row. */
export interface Encoder {
  readonly width: number;
  /**
   * Row `row` of a row-major matrix. Numbers as they are, booleans 0/1, categories as their index in the vocabulary;
   * missing, and a category that was not there at training, as NaN.
   * @throws MettleError SHAPE_MISMATCH | TYPE_MISMATCH
   */
  encode(values: readonly Value[], into: Float32Array | Float64Array, row: number): void;
}

/**
 * @param fitted vocabularies of the service's category features; null for a model that has none
 * @throws MettleError SIGNATURE_MISMATCH when a feature is text without a vocabulary
 */
export function createEncoder(features: readonly Feature[], fitted: Fitted | null): Encoder {
  const encoders = features.map((feature) => encoderOf(feature, fitted));
  const width = features.length;
  return {
    width,
    encode(values, into, row) {
      if (values.length !== width) throw new MettleError('SHAPE_MISMATCH', `a vector of ${values.length} where the service has ${width} features`, { given: values.length, expected: width });
      const base = row * width;
      for (let i = 0; i < width; i += 1) {
        const value = values[i];
        into[base + i] = value === null || value === undefined ? Number.NaN : (encoders[i] as (value: Value) => number)(value);
      }
    },
  };
}

function encoderOf(feature: Feature, fitted: Fitted | null): (value: Value) => number {
  const mismatch = (value: Value): MettleError =>
    new MettleError('TYPE_MISMATCH', `feature ${feature.name} is a ${feature.type}, not ${typeof value}`, { feature: feature.name, type: feature.type });
  if (feature.type === 'string') {
    const vocabulary = fitted !== null && Object.hasOwn(fitted.vocabularies, feature.name) ? fitted.vocabularies[feature.name] : undefined;
    if (!feature.category || vocabulary === undefined) {
      throw new MettleError('SIGNATURE_MISMATCH', `feature ${feature.name} is text and the model has no vocabulary for it`, { feature: feature.name, category: feature.category });
    }
    const indexes = new Map(vocabulary.map((text, index) => [text, index]));
    return (value) => {
      if (typeof value !== 'string') throw mismatch(value);
      return indexes.get(value) ?? Number.NaN;
    };
  }
  if (feature.type === 'bool') {
    return (value) => {
      if (typeof value !== 'boolean') throw mismatch(value);
      return value ? 1 : 0;
    };
  }
  return (value) => {
    if (typeof value !== 'number') throw mismatch(value);
    return value;
  };
}
