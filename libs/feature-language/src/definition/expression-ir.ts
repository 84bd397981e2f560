import { Name } from '@mettle/contracts';
import { z } from 'zod';

export const BINARY_OPS = ['add', 'sub', 'mul', 'div', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;
export type BinaryOp = (typeof BINARY_OPS)[number];
export const CALENDAR_OPS = ['hourOf', 'minuteOf', 'weekdayOf', 'dayOfMonth', 'monthOf', 'dayOfYear'] as const;
export type CalendarOp = (typeof CALENDAR_OPS)[number];
export const VARIADIC_OPS = ['and', 'or', 'coalesce'] as const;
export type VariadicOp = (typeof VARIADIC_OPS)[number];

/** A row expression as canonical JSON. Types follow from the leaves; nothing is cast. */
export type ExpressionIR =
  | { op: 'literal'; value: string | number | boolean }
  | { op: 'request'; column: string }
  | { op: 'view'; view: string; feature: string }
  | { op: 'at' }
  | { op: BinaryOp; args: [ExpressionIR, ExpressionIR] }
  | { op: VariadicOp; args: ExpressionIR[] }
  | { op: 'not' | 'isNull'; args: [ExpressionIR] }
  | { op: 'ifElse'; args: [ExpressionIR, ExpressionIR, ExpressionIR] }
  | { op: CalendarOp; zone: string; args: [ExpressionIR] };

export const ExpressionIR: z.ZodType<ExpressionIR> = z.lazy(() =>
  z.discriminatedUnion('op', [
    z.object({ op: z.literal('literal'), value: z.union([z.string(), z.number(), z.boolean()]) }),
    z.object({ op: z.literal('request'), column: Name }),
    z.object({ op: z.literal('view'), view: Name, feature: Name }),
    z.object({ op: z.literal('at') }),
    z.object({ op: z.enum(BINARY_OPS), args: z.tuple([ExpressionIR, ExpressionIR]) }),
    z.object({ op: z.enum(VARIADIC_OPS), args: z.array(ExpressionIR).min(1) }),
    z.object({ op: z.enum(['not', 'isNull']), args: z.tuple([ExpressionIR]) }),
    z.object({ op: z.literal('ifElse'), args: z.tuple([ExpressionIR, ExpressionIR, ExpressionIR]) }),
    z.object({ op: z.enum(CALENDAR_OPS), zone: z.string(), args: z.tuple([ExpressionIR]) }),
  ]),
);
