import type { Datatype } from '@mettle/contracts';
import type { Message } from './message.ts';

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** null: no tensor (a sequence, a map), or of a type that no feature has. */
  readonly datatype: Datatype | null;
  /** -1: variable. null: not declared. */
  readonly shape: readonly number[] | null;
}

/** TensorProto.DataType. */
const DATATYPES: Readonly<Record<number, Datatype>> = { 1: 'FP32', 6: 'INT32', 7: 'INT64', 8: 'BYTES', 9: 'BOOL', 11: 'FP64' };

/** Reads a ValueInfoProto. */
export function readValueInfo(message: Message): OnnxValue {
  let name = '';
  let datatype: Datatype | null = null;
  let shape: number[] | null = null;
  const dimension = (m: Message): void => {
    let size = -1;
    m.message({ 1: (d) => void (size = d.number()) });
    shape?.push(size);
  };
  const tensorType = (m: Message): void =>
    m.message({
      1: (t) => void (datatype = DATATYPES[t.number()] ?? null),
      2: (t) => {
        shape = [];
        t.message({ 1: dimension });
      },
    });
  message.message({ 1: (m) => void (name = m.text()), 2: (m) => m.message({ 1: tensorType }) });
  return { name, datatype, shape };
}
