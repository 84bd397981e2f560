import type { Value } from '@mettle/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExpressionIR } from '../definition/expression-ir.ts';
import { and, bool, category, coalesce, featureService, float64, ifElse, int64, isNull, not, or, predictedAt, serviceDefinition, string, timestamp } from '../index.ts';
import type { BoolExpr, Expr, NumberExpr, StringExpr, TimeExpr } from '../index.ts';
import { latenessDefinition } from '../testing/flights.ts';
import { adversarialRow, REQUEST, typedExpression } from '../testing/typed-expression.ts';
import { compileService } from './compile-service.ts';

const columns = { x: float64(), y: float64(), i: int64(), j: int64(), p: bool(), q: bool(), s: string(), t: timestamp(), cents: float64({ scale: 2 }) };
interface R { x: NumberExpr; y: NumberExpr; i: NumberExpr; j: NumberExpr; p: BoolExpr; q: BoolExpr; s: StringExpr; t: TimeExpr; cents: NumberExpr }
/** The value of one expression over one request. */
function value(build: (r: R) => Expr, request: Record<string, Value> = {}, at = 0): Value | undefined {
  const service = featureService('one', { owner: 'o', request: columns, views: {}, features: ({ request: r }) => ({ f: build(r) }) });
  return compileService(serviceDefinition(service)).evaluate(request, [], at).values[0];
}

describe('expressions', () => {
  it('give null for what a number cannot say, and never NaN or -0', () => {
    expect(value((r) => r.x.dividedBy(r.y), { x: 1, y: 0 })).toBeNull();
    expect(value((r) => r.x.dividedBy(r.y), { x: 0, y: 0 })).toBeNull();
    expect(value((r) => r.x.times(r.y), { x: 1e308, y: 10 })).toBeNull();
    expect(value((r) => r.i.plus(r.j), { i: Number.MAX_SAFE_INTEGER, j: 1 })).toBeNull();
    expect(Object.is(value((r) => r.x.times(r.y), { x: -1, y: 0 }), 0)).toBe(true);
    expect(Object.is(value((r) => r.x, { x: -0 }), 0)).toBe(true);
    expect(value((r) => r.i.dividedBy(r.j), { i: 7, j: 2 })).toBe(3.5);
    expect(value((r) => r.i.negate().plus(2013), { i: 2004 })).toBe(9);
  });
  it('are three-valued', () => {
    const table = [true, false, null].flatMap((p) => [true, false, null].map((q) => ({ p, q })));
    expect(table.map((row) => value((r) => and(r.p, r.q), row))).toEqual([true, false, null, false, false, false, null, false, null]);
    expect(table.map((row) => value((r) => or(r.p, r.q), row))).toEqual([true, true, true, true, false, null, true, null, null]);
    expect([true, false, null].map((p) => value((r) => not(r.p), { p }))).toEqual([false, true, null]);
    expect(value((r) => r.x.eq(r.y), { x: null, y: null })).toBeNull();
    expect(value((r) => isNull(r.x), { x: null })).toBe(true);
    expect(value((r) => ifElse(r.x.gt(0), 1, 2), { x: null })).toBe(2);
    expect(value((r) => coalesce(r.x, r.y, 3), { x: null, y: null })).toBe(3);
    expect(value((r) => r.x.orElse(r.y), { x: null, y: 0 })).toBe(0);
  });
  it('count µs between times, and from T', () => {
    expect(value((r) => r.t.minus(predictedAt()), { t: 5_000 }, 2_000)).toBe(3_000);
    expect(value((r) => r.t.minus(1_000).lt(predictedAt()), { t: 5_000 }, 4_000)).toBe(false);
  });
  it('put a request column on its grid', () => {
    expect(value((r) => r.cents, { cents: 1.239 })).toBe(1.24);
  });
  it('take an absent request column for null', () => {
    expect(value((r) => r.x)).toBeNull();
  });
  it('of any well-typed form give a value of their type, the same after a trip through JSON', () => {
    const request = Object.entries(REQUEST).map(([name, type]) => ({ name, type }));
    const compiled = (expression: ExpressionIR) =>
      compileService({ v: 1, views: [], sources: [], entities: [], service: { v: 1, kind: 'featureService', name: 's', owner: '', description: '', request, views: [], features: [{ name: 'f', expression, category: false }] } });
    fc.assert(
      fc.property(typedExpression, fc.array(adversarialRow, { minLength: 1, maxLength: 8 }), (expression, rows) => {
        const service = compiled(expression);
        const again = compiled(JSON.parse(JSON.stringify(expression)) as ExpressionIR);
        const type = service.features[0]?.type;
        for (const row of rows) {
          const result = service.evaluate(row, [], 1_362_700_000_000_000).values[0];
          expect(Object.is(result, -0)).toBe(false);
          expect(Object.is(again.evaluate(JSON.parse(JSON.stringify(row)) as typeof row, [], 1_362_700_000_000_000).values[0], result)).toBe(true);
          if (result === null) continue;
          expect(typeof result).toBe(type === 'string' ? 'string' : type === 'bool' ? 'boolean' : 'number');
          if (type === 'float64') expect(Number.isFinite(result)).toBe(true);
          if (type === 'int64') expect(Number.isSafeInteger(result)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('a compiled service', () => {
  const service = compileService(latenessDefinition);
  const keys = { origin: 'JFK', plane: 'N1' };
  const request = { carrier: 'AA', sched_dep: 1_362_700_000_000_000, distance: 500, year: 2001 };
  const refuses = (code: string, badKeys: object, badRequest: object) =>
    expect(() => service.checkRequest(badKeys as never, badRequest as never)).toThrow(expect.objectContaining({ code }));

  it('names the keys that a prediction must carry', () => {
    expect(service.joinKeys).toEqual(['origin', 'plane']);
    expect(() => service.checkRequest({ ...keys, more: 1 }, { ...request, more: 'x' })).not.toThrow();
  });
  it('refuses a request with a typed error', () => {
    refuses('UNKNOWN_ENTITY', { origin: 'JFK' }, request);
    refuses('TYPE_MISMATCH', { ...keys, origin: 4 }, request);
    refuses('TYPE_MISMATCH', keys, { ...request, carrier: 4 });
    refuses('TYPE_MISMATCH', keys, { ...request, year: 2001.5 });
    refuses('NOT_A_NUMBER', keys, { ...request, distance: Number.NaN });
    refuses('TYPE_MISMATCH', keys, { carrier: 'AA' });
    refuses('OUT_OF_RANGE', { ...keys, origin: 'x'.repeat(300) }, request);
  });
  it('says of each missing value why', () => {
    const reads = service.views.map(({ reducer }) => reducer.read(reducer.init(), 0));
    const named = (r: typeof reads) => {
      const { values, statuses } = service.evaluate(request, r, 0);
      return Object.fromEntries(service.features.map(({ name }, i) => [name, [values[i], statuses[i]]]));
    };
    expect(named(reads)).toMatchObject({ carrier: ['AA', 'PRESENT'], temp: [null, 'NOT_FOUND'], landed_6h: [0, 'PRESENT'], seats: [0, 'PRESENT'], worse: [null, 'NOT_FOUND'] });
    const stale = reads.map((read, i) => (i === 0 ? { ...read, status: 'OUTSIDE_MAX_AGE' as const } : read));
    expect(named(stale)).toMatchObject({ temp: [null, 'OUTSIDE_MAX_AGE'], cold: [null, 'OUTSIDE_MAX_AGE'] });
    const present = reads.map((read) => ({ ...read, status: 'PRESENT' as const }));
    expect(named(present)).toMatchObject({ temp: [null, 'NULL_VALUE'] });
  });
  it('marks categories', () => {
    expect(service.features.filter(({ category: marked }) => marked).map(({ name }) => name)).toEqual(['carrier', 'sky']);
    expect(typeof category).toBe('function');
  });
});
