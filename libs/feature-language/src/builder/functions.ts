import type { CalendarOp, ExpressionIR } from '../definition/expression-ir.ts';
import type { BoolExpr, Expr, NumberExpr, Operand, StringExpr, TimeExpr } from './expression.ts';
import { expression, irOf } from './expression.ts';

/** A constant. */
export function literal(value: number): NumberExpr;
export function literal(value: string): StringExpr;
export function literal(value: boolean): BoolExpr;
export function literal(value: number | string | boolean): Expr {
  return expression({ op: 'literal', value });
}

/** `yes` where the condition is true; `no` where it is false or null. */
export function ifElse(condition: BoolExpr, yes: NumberExpr | number, no: NumberExpr | number): NumberExpr;
export function ifElse(condition: BoolExpr, yes: StringExpr | string, no: StringExpr | string): StringExpr;
export function ifElse(condition: BoolExpr, yes: BoolExpr | boolean, no: BoolExpr | boolean): BoolExpr;
export function ifElse(condition: BoolExpr, yes: TimeExpr, no: TimeExpr): TimeExpr;
export function ifElse(condition: BoolExpr, yes: Operand, no: Operand): Expr {
  return expression({ op: 'ifElse', args: [condition.ir, irOf(yes), irOf(no)] });
}

/** The first that is not null. */
export function coalesce(...operands: (NumberExpr | number)[]): NumberExpr;
export function coalesce(...operands: (StringExpr | string)[]): StringExpr;
export function coalesce(...operands: (BoolExpr | boolean)[]): BoolExpr;
export function coalesce(...operands: TimeExpr[]): TimeExpr;
export function coalesce(...operands: Operand[]): Expr {
  return expression({ op: 'coalesce', args: operands.map(irOf) });
}

/** True or false, never null. */
export const isNull = (operand: Expr): BoolExpr => operand.isNull();
/** Three-valued: false wins over null. */
export const and = (...operands: BoolExpr[]): BoolExpr => expression<BoolExpr>({ op: 'and', args: operands.map(irOf) });
/** Three-valued: true wins over null. */
export const or = (...operands: BoolExpr[]): BoolExpr => expression<BoolExpr>({ op: 'or', args: operands.map(irOf) });
/** Three-valued: not null is null. */
export const not = (operand: BoolExpr): BoolExpr => operand.not();

/** T, the moment that the prediction is for. There is no other clock. */
export const predictedAt = (): TimeExpr => expression<TimeExpr>({ op: 'at' });

const calendar = (op: CalendarOp) => (time: TimeExpr, zone: string): NumberExpr => {
  const ir: ExpressionIR = { op, zone, args: [time.ir] };
  return expression<NumberExpr>(ir);
};
/** 0-23, in a named IANA zone. */
export const hourOf = calendar('hourOf');
/** 0-59. */
export const minuteOf = calendar('minuteOf');
/** 1 (Monday) to 7. */
export const weekdayOf = calendar('weekdayOf');
/** 1-31. */
export const dayOfMonth = calendar('dayOfMonth');
/** 1-12. */
export const monthOf = calendar('monthOf');
/** 1-366. */
export const dayOfYear = calendar('dayOfYear');

/** A feature that the model sees as a category; its vocabulary is fitted per model. */
export interface Category {
  readonly category: StringExpr;
}
export const category = (operand: StringExpr): Category => ({ category: operand });
