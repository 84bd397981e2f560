import type { BinaryOp, ExpressionIR } from '../definition/expression-ir.ts';
import type { ScalarType } from '../definition/scalar.ts';

/** What every expression can do. Comparisons with null give null. */
interface Common<Self, Operand> {
  readonly ir: ExpressionIR;
  eq(other: Operand): BoolExpr;
  ne(other: Operand): BoolExpr;
  /** True or false, never null. */
  isNull(): BoolExpr;
  /** This, or the other where this is null. */
  orElse(other: Operand): Self;
}
interface Ordered<Operand> {
  lt(other: Operand): BoolExpr;
  le(other: Operand): BoolExpr;
  gt(other: Operand): BoolExpr;
  ge(other: Operand): BoolExpr;
}
type Number_ = NumberExpr | number;
type Bool = BoolExpr | boolean;
type String_ = StringExpr | string;

export interface NumberExpr extends Common<NumberExpr, Number_>, Ordered<Number_> {
  readonly kind: 'number';
  plus(other: Number_): NumberExpr;
  minus(other: Number_): NumberExpr;
  times(other: Number_): NumberExpr;
  /** Null where the divisor is 0. */
  dividedBy(other: Number_): NumberExpr;
  /** 0 - this. */
  negate(): NumberExpr;
}
export interface TimeExpr extends Common<TimeExpr, TimeExpr>, Ordered<TimeExpr> {
  readonly kind: 'time';
  /** µs between two times, or the time so many µs earlier. */
  minus(other: TimeExpr): NumberExpr;
  minus(other: Number_): TimeExpr;
  plus(other: Number_): TimeExpr;
}
export interface BoolExpr extends Common<BoolExpr, Bool> {
  readonly kind: 'bool';
  and(other: Bool): BoolExpr;
  or(other: Bool): BoolExpr;
  not(): BoolExpr;
}
export interface StringExpr extends Common<StringExpr, String_>, Ordered<String_> {
  readonly kind: 'string';
}
export type Expr = NumberExpr | TimeExpr | BoolExpr | StringExpr;
export type ExprOf<T extends ScalarType> = T extends 'float64' | 'int64' ? NumberExpr : T extends 'bool' ? BoolExpr : T extends 'string' ? StringExpr : TimeExpr;
export type Operand = Expr | number | string | boolean;

/** The IR of an expression or of a literal. */
export const irOf = (operand: Operand): ExpressionIR => (typeof operand === 'object' ? operand.ir : { op: 'literal', value: operand });

/** One object with every method; the declared type offers those that make sense, and `checkDefinition` refuses the rest. */
export function expression<E extends Expr>(ir: ExpressionIR): E {
  const binary = (op: BinaryOp) => (other: Operand) => expression({ op, args: [ir, irOf(other)] });
  const variadic = (op: 'and' | 'or' | 'coalesce') => (other: Operand) => expression({ op, args: [ir, irOf(other)] });
  const unary = (op: 'not' | 'isNull') => () => expression({ op, args: [ir] });
  return {
    ir,
    negate: () => expression({ op: 'sub', args: [{ op: 'literal', value: 0 }, ir] }),
    plus: binary('add'), minus: binary('sub'), times: binary('mul'), dividedBy: binary('div'),
    eq: binary('eq'), ne: binary('ne'), lt: binary('lt'), le: binary('le'), gt: binary('gt'), ge: binary('ge'),
    and: variadic('and'), or: variadic('or'), orElse: variadic('coalesce'), not: unary('not'), isNull: unary('isNull'),
  } as unknown as E;
}
