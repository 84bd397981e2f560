import { describe, expect, it } from 'vitest';
import { ERRORS, isMettleError, MettleError } from './errors.ts';
import { predictionIdOf } from './prediction.ts';
import { Policy } from './policy.ts';
import { parseVersionKey, sameVersion, versionKey } from './version.ts';
import { Name, TimeUs } from './value.ts';

describe('names, times and versions', () => {
  it('refuse what a path or a key could trip over', () => {
    for (const name of ['', '1st', '../x', 'a b', 'a'.repeat(129)]) expect(Name.safeParse(name).success, name).toBe(false);
    expect(Name.safeParse('flight-lateness_2').success).toBe(true);
    for (const time of [0.5, Number.NaN, 2 ** 53, '1']) expect(TimeUs.safeParse(time).success, String(time)).toBe(false);
  });

  it('a version key goes there and back', () => {
    expect(parseVersionKey(versionKey({ model: 'm', version: 12 }))).toEqual({ model: 'm', version: 12 });
    for (const key of ['m', 'm@', 'm@0', 'm@1.5', '@1']) expect(() => parseVersionKey(key), key).toThrow(RangeError);
    expect(sameVersion(null, null)).toBe(true);
    expect(sameVersion({ model: 'm', version: 1 }, null)).toBe(false);
  });

  it('a prediction is named by endpoint, request and row, never by concatenation', () => {
    expect(predictionIdOf('a', 'b', 1)).not.toBe(predictionIdOf('a', 'b1', 0));
    expect(predictionIdOf('ab', 'c', 0)).not.toBe(predictionIdOf('a', 'bc', 0));
  });
});

describe('the error table', () => {
  it('every code has a status, a word on retrying, and something to do', () => {
    for (const [code, { status, hint }] of Object.entries(ERRORS)) {
      expect(status, code).toBeGreaterThanOrEqual(400);
      expect(hint.length, code).toBeGreaterThan(10);
    }
  });

  it('an error carries its data, and is told from a defect', () => {
    const error = new MettleError('STALE_EPOCH', 'epoch 3 is gone', { expected: 3, found: 4 });
    expect(error.toJSON()).toEqual({ code: 'STALE_EPOCH', message: 'epoch 3 is gone', hint: ERRORS.STALE_EPOCH.hint, data: { expected: 3, found: 4 } });
    expect(isMettleError(error)).toBe(true);
    expect(isMettleError(new Error('other'))).toBe(false);
    expect(isMettleError(Object.assign(new Error('x'), { name: 'MettleError', code: 'NOT_A_CODE' }))).toBe(false);
  });
});

describe('a policy', () => {
  it('says what is out of range', () => {
    expect(Policy.safeParse({ v: 1, alpha: 0 }).success).toBe(false);
    expect(Policy.safeParse({ v: 1, alpha: 1 }).success).toBe(false);
  });
});
