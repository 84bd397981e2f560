import { MettleError } from '@mettle/contracts';
import { checkFinite } from '../checks.ts';

/** Declared bounds of every value. */
export interface Bounds { readonly low: number; readonly high: number }

export function checkBounds({ low, high }: Bounds): void {
  checkFinite([low, high], 'bounds');
  if (!(low < high)) throw new MettleError('INVALID_INPUT', 'low is below high', { low, high });
}

/** @throws MettleError INVALID_INPUT for a value outside the declared bounds: the guarantee would not hold */
export function checkWithin(batch: ArrayLike<number>, { low, high }: Bounds): void {
  for (let at = 0; at < batch.length; at += 1) {
    const value = batch[at] as number;
    if (!(value >= low && value <= high)) throw new MettleError('INVALID_INPUT', 'a value lies outside its declared bounds', { at, value: String(value), low, high });
  }
}
