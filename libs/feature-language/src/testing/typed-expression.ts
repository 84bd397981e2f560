import fc from 'fast-check';
import type { ExpressionIR } from '../definition/expression-ir.ts';
import type { ScalarType } from '../definition/scalar.ts';

type Of<T extends ScalarType> = fc.Arbitrary<ExpressionIR> & { __type?: T };

/** Columns of the request that the expressions read. */
export const REQUEST = { f: 'float64', g: 'float64', i: 'int64', j: 'int64', b: 'bool', c: 'bool', s: 'string', t: 'timestamp', u: 'timestamp' } as const satisfies Record<string, ScalarType>;

const column = (...names: (keyof typeof REQUEST)[]) => fc.constantFrom(...names).map((name): ExpressionIR => ({ op: 'request', column: name }));
const literal = <T extends string | number | boolean>(value: fc.Arbitrary<T>) => value.map((v): ExpressionIR => ({ op: 'literal', value: v }));
const call = (ops: readonly string[], ...args: fc.Arbitrary<ExpressionIR>[]) =>
  fc.tuple(fc.constantFrom(...ops), ...args).map(([op, ...rest]) => ({ op, args: rest }) as unknown as ExpressionIR);

/** Well-typed expressions over REQUEST and T, four deep. */
export const typedExpression: fc.Arbitrary<ExpressionIR> = (() => {
  let number: Of<'float64'> = fc.oneof(column('f', 'g', 'i', 'j'), literal(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1, 0.5))));
  let bool: Of<'bool'> = fc.oneof(column('b', 'c'), literal(fc.boolean()));
  let text: Of<'string'> = fc.oneof(column('s'), literal(fc.string()));
  let time: Of<'timestamp'> = fc.oneof(column('t', 'u'), fc.constant<ExpressionIR>({ op: 'at' }));
  const zone = fc.constantFrom('America/New_York', 'Asia/Kathmandu', 'UTC');
  for (let depth = 0; depth < 4; depth += 1) {
    const [n, b, s, t] = [number, bool, text, time];
    number = fc.oneof(
      n, call(['add', 'sub', 'mul', 'div'], n, n), call(['sub'], t, t), call(['coalesce'], n, n), call(['ifElse'], b, n, n),
      fc.tuple(fc.constantFrom('hourOf', 'minuteOf', 'weekdayOf', 'dayOfMonth', 'monthOf', 'dayOfYear'), zone, t).map(([op, z, arg]) => ({ op, zone: z, args: [arg] }) as unknown as ExpressionIR),
    );
    bool = fc.oneof(
      b, call(['eq', 'ne', 'lt', 'le', 'gt', 'ge'], n, n), call(['eq', 'ne', 'lt', 'ge'], s, s), call(['lt', 'gt'], t, t), call(['eq', 'ne'], b, b),
      call(['and', 'or'], b, b, b), call(['not'], b), call(['isNull'], n), call(['isNull'], s), call(['coalesce'], b, b), call(['ifElse'], b, b, b),
    );
    text = fc.oneof(s, call(['coalesce'], s, s), call(['ifElse'], b, s, s));
    time = fc.oneof(t, call(['coalesce'], t, t), call(['ifElse'], b, t, t));
  }
  return fc.oneof(number, bool, text, time);
})();

/** Rows over REQUEST with what trips evaluators: nulls, zeros of both signs, the largest and the smallest. */
export const adversarialRow = fc.record({
  f: fc.option(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, 5e-324, 1.7e308, -1.7e308))),
  g: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  i: fc.option(fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -0, Number.MAX_SAFE_INTEGER))),
  j: fc.option(fc.integer()),
  b: fc.option(fc.boolean()),
  c: fc.option(fc.boolean()),
  s: fc.option(fc.constantFrom('', 'a', 'İ', 'ß', '𝒳', 'é')),
  t: fc.option(fc.integer({ min: 0, max: 2 ** 51 })),
  u: fc.option(fc.integer({ min: 0, max: 2 ** 51 })),
});
