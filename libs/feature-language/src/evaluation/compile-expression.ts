import type { Value } from '@mettle/contracts';
import type { ExpressionIR } from '../definition/expression-ir.ts';
import { typeOfExpression } from '../definition/type-of-expression.ts';
import type { Leaves } from '../definition/type-of-expression.ts';
import type { ViewRead } from '../reduction/compiled-view.ts';
import { calendarField } from './calendar.ts';

/** What a row expression may see. `request` holds columns in the service's order, on their grids. */
export interface Row {
  readonly request: readonly Value[];
  readonly reads: readonly ViewRead[];
  readonly at: number;
}
export type Evaluator = (row: Row) => Value;

/** Where the leaves are found in a row, and their types. */
export interface Scope extends Leaves {
  requestIndex(column: string): number;
  viewIndex(view: string, feature: string): readonly [view: number, feature: number];
}

type Compare = (a: Value, b: Value) => boolean;
const COMPARE: Record<'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', Compare> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  // Strings by UTF-16 code unit, numbers and times by value.
  lt: (a, b) => (a as number) < (b as number),
  le: (a, b) => (a as number) <= (b as number),
  gt: (a, b) => (a as number) > (b as number),
  ge: (a, b) => (a as number) >= (b as number),
};
const ARITHMETIC: Record<'add' | 'sub' | 'mul' | 'div', (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
};

/** Missing is null: so is what a double cannot say (x / 0, overflow), and an integer beyond 2^53. -0 is 0. */
function arithmetic(op: keyof typeof ARITHMETIC, a: Evaluator, b: Evaluator, integer: boolean): Evaluator {
  const operate = ARITHMETIC[op];
  const holds = integer ? Number.isSafeInteger : Number.isFinite;
  return (row) => {
    const x = a(row);
    const y = b(row);
    if (x === null || y === null) return null;
    const result = operate(x as number, y as number);
    return holds(result) ? result + 0 : null;
  };
}

function comparison(compare: Compare, a: Evaluator, b: Evaluator): Evaluator {
  return (row) => {
    const x = a(row);
    const y = b(row);
    return x === null || y === null ? null : compare(x, y);
  };
}

/** Kleene: `decisive` wins over null, null over the other. */
function logical(decisive: boolean, args: readonly Evaluator[]): Evaluator {
  return (row) => {
    let unknown = false;
    for (const arg of args) {
      const value = arg(row);
      if (value === decisive) return decisive;
      if (value === null) unknown = true;
    }
    return unknown ? null : !decisive;
  };
}

/** A closure for an expression that `typeOfExpression` accepts: the one evaluator, online and in batch. */
export function compileExpression(expression: ExpressionIR, scope: Scope): Evaluator {
  const compile = (child: ExpressionIR): Evaluator => compileExpression(child, scope);
  switch (expression.op) {
    case 'literal': {
      const value = expression.value === 0 ? 0 : expression.value;
      return () => value;
    }
    case 'request': {
      const index = scope.requestIndex(expression.column);
      return (row) => row.request[index] ?? null;
    }
    case 'view': {
      const [view, feature] = scope.viewIndex(expression.view, expression.feature);
      return (row) => row.reads[view]?.values[feature] ?? null;
    }
    case 'at':
      return (row) => row.at;
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return arithmetic(expression.op, compile(expression.args[0]), compile(expression.args[1]), typeOfExpression(expression, scope) !== 'float64');
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return comparison(COMPARE[expression.op], compile(expression.args[0]), compile(expression.args[1]));
    case 'and':
      return logical(false, expression.args.map(compile));
    case 'or':
      return logical(true, expression.args.map(compile));
    case 'not': {
      const operand = compile(expression.args[0]);
      return (row) => {
        const value = operand(row);
        return value === null ? null : !value;
      };
    }
    case 'isNull': {
      const operand = compile(expression.args[0]);
      return (row) => operand(row) === null;
    }
    case 'coalesce': {
      const operands = expression.args.map(compile);
      return (row) => {
        for (const operand of operands) {
          const value = operand(row);
          if (value !== null) return value;
        }
        return null;
      };
    }
    case 'ifElse': {
      const condition = compile(expression.args[0]);
      const yes = compile(expression.args[1]);
      const no = compile(expression.args[2]);
      return (row) => (condition(row) === true ? yes(row) : no(row));
    }
    default: {
      const field = calendarField(expression.op, expression.zone);
      const operand = compile(expression.args[0]);
      return (row) => {
        const at = operand(row);
        return at === null ? null : field(at as number);
      };
    }
  }
}

/** The aliases of the views that an expression reads. */
export function viewsIn(expression: ExpressionIR): string[] {
  if (expression.op === 'view') return [expression.view];
  return 'args' in expression ? expression.args.flatMap(viewsIn) : [];
}
