import { MettleError } from '@mettle/contracts';
import { isKnownZone } from '../evaluation/zone-offset.ts';
import type { ExpressionIR } from './expression-ir.ts';
import type { ScalarType } from './scalar.ts';

/** Types of the leaves; each throws UNKNOWN_COLUMN for a name that does not exist. */
export interface Leaves {
  request(column: string): ScalarType;
  view(view: string, feature: string): ScalarType;
}

const MAX_DEPTH = 64;
const isNumber = (type: ScalarType): boolean => type === 'float64' || type === 'int64';

const refuse = (op: string, types: readonly ScalarType[]): never => {
  throw new MettleError('INVALID_DEFINITION', `${op} does not take ${types.join(', ')}`, { op, types });
};

/** int64 with float64 gives float64; otherwise equal types only. */
function unify(op: string, types: readonly ScalarType[]): ScalarType {
  const [first] = types;
  if (first !== undefined && types.every((type) => type === first)) return first;
  return types.every(isNumber) ? 'float64' : refuse(op, types);
}

function arithmetic(op: 'add' | 'sub' | 'mul' | 'div', a: ScalarType, b: ScalarType): ScalarType {
  if (op === 'sub' && a === 'timestamp' && b === 'timestamp') return 'int64';
  if ((op === 'sub' || op === 'add') && a === 'timestamp' && b === 'int64') return 'timestamp';
  if (!isNumber(a) || !isNumber(b)) return refuse(op, [a, b]);
  return op !== 'div' && a === 'int64' && b === 'int64' ? 'int64' : 'float64';
}

/**
 * The type of an expression; also its check.
 * @throws MettleError INVALID_DEFINITION | UNKNOWN_COLUMN
 */
export function typeOfExpression(expression: ExpressionIR, leaves: Leaves, depth = 0): ScalarType {
  if (depth > MAX_DEPTH) throw new MettleError('INVALID_DEFINITION', `an expression is nested deeper than ${MAX_DEPTH}`, { depth });
  const typeOf = (child: ExpressionIR): ScalarType => typeOfExpression(child, leaves, depth + 1);
  switch (expression.op) {
    case 'literal':
      if (typeof expression.value === 'string') return 'string';
      if (typeof expression.value === 'boolean') return 'bool';
      if (!Number.isFinite(expression.value)) throw new MettleError('INVALID_DEFINITION', 'a literal is a finite number', {});
      return Number.isSafeInteger(expression.value) ? 'int64' : 'float64';
    case 'request':
      return leaves.request(expression.column);
    case 'view':
      return leaves.view(expression.view, expression.feature);
    case 'at':
      return 'timestamp';
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return arithmetic(expression.op, typeOf(expression.args[0]), typeOf(expression.args[1]));
    case 'eq':
    case 'ne':
      unify(expression.op, expression.args.map(typeOf));
      return 'bool';
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      if (unify(expression.op, expression.args.map(typeOf)) === 'bool') refuse(expression.op, ['bool', 'bool']);
      return 'bool';
    case 'and':
    case 'or':
    case 'not': {
      const types = expression.args.map(typeOf);
      return types.every((type) => type === 'bool') ? 'bool' : refuse(expression.op, types);
    }
    case 'isNull':
      typeOf(expression.args[0]);
      return 'bool';
    case 'coalesce':
      return unify(expression.op, expression.args.map(typeOf));
    case 'ifElse': {
      const condition = typeOf(expression.args[0]);
      const branches = [typeOf(expression.args[1]), typeOf(expression.args[2])];
      return condition === 'bool' ? unify(expression.op, branches) : refuse(expression.op, [condition, ...branches]);
    }
    default: {
      if (!isKnownZone(expression.zone)) throw new MettleError('INVALID_DEFINITION', `${expression.zone} is not an IANA time zone`, { zone: expression.zone });
      const type = typeOf(expression.args[0]);
      return type === 'timestamp' ? 'int64' : refuse(expression.op, [type]);
    }
  }
}
