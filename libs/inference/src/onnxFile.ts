import { MettleError } from '@mettle/contracts';
import protobuf from 'protobufjs/minimal.js';

/** What an ONNX file says of itself. Only its structure is read: nothing is loaded, resolved or executed. */
export interface OnnxFile {
  /** Version of the default operator set. */
  readonly opset: number;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Operator domains beside the default one, e.g. `ai.onnx.ml`. */
  readonly domains: readonly string[];
}
export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType: 1 float, 7 int64, 8 string, 9 bool, 11 double; 0 when it is no tensor. */
  readonly elementType: number;
  /** -1 where a dimension is free. */
  readonly shape: readonly number[];
}

/** Operators that Mettle serves: the standard's and its classical-ML domain. */
const DOMAINS: readonly string[] = ['', 'ai.onnx', 'ai.onnx.ml'];
const EXTERNAL = 1;
/** Graphs nest (If, Loop); deeper than this is an attack. */
const MAX_DEPTH = 16;

type Fields = Readonly<Record<number, (reader: protobuf.Reader) => void>>;

/** Walks the fields of one message; unknown ones are skipped. Field numbers are those of onnx.proto. */
function walk(bytes: Uint8Array, fields: Fields): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const read = fields[tag >>> 3];
    if (read === undefined) reader.skipType(tag & 7);
    else read(reader);
  }
}

const integer = (reader: protobuf.Reader): number => Number(reader.int64());

function tensor(bytes: Uint8Array): void {
  const refuse = (): never => {
    throw new MettleError('EXTERNAL_DATA', 'the model keeps weights outside its file', {});
  };
  walk(bytes, {
    13: refuse,
    14: (r) => {
      if (r.int32() === EXTERNAL) refuse();
    },
  });
}

function sparseTensor(bytes: Uint8Array): void {
  walk(bytes, { 1: (r) => tensor(r.bytes()), 2: (r) => tensor(r.bytes()) });
}

function node(bytes: Uint8Array, domains: Set<string>, depth: number): void {
  walk(bytes, {
    5: (r) =>
      walk(r.bytes(), {
        5: (a) => tensor(a.bytes()),
        6: (a) => graph(a.bytes(), domains, depth + 1),
        10: (a) => tensor(a.bytes()),
        11: (a) => graph(a.bytes(), domains, depth + 1),
        22: (a) => sparseTensor(a.bytes()),
        23: (a) => sparseTensor(a.bytes()),
      }),
    7: (r) => void domains.add(r.string()),
  });
}

function value(bytes: Uint8Array): OnnxValue {
  let name = '';
  let elementType = 0;
  const shape: number[] = [];
  walk(bytes, {
    1: (r) => (name = r.string()),
    2: (r) =>
      walk(r.bytes(), {
        1: (t) =>
          walk(t.bytes(), {
            1: (e) => (elementType = e.int32()),
            2: (s) =>
              walk(s.bytes(), {
                1: (d) => {
                  let size = -1;
                  walk(d.bytes(), { 1: (v) => (size = integer(v)) });
                  shape.push(size);
                },
              }),
          }),
      }),
  });
  return { name, elementType, shape };
}

function graph(bytes: Uint8Array, domains: Set<string>, depth: number): { inputs: OnnxValue[]; outputs: OnnxValue[]; nodes: number } {
  if (depth > MAX_DEPTH) throw new MettleError('NOT_ONNX', 'graphs nest too deep', { depth });
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  let nodes = 0;
  walk(bytes, {
    1: (r) => {
      nodes += 1;
      node(r.bytes(), domains, depth);
    },
    5: (r) => tensor(r.bytes()),
    11: (r) => void inputs.push(value(r.bytes())),
    12: (r) => void outputs.push(value(r.bytes())),
    15: (r) => sparseTensor(r.bytes()),
  });
  return { inputs, outputs, nodes };
}

/**
 * Reads the structure of an ONNX model.
 * @throws MettleError NOT_ONNX | EXTERNAL_DATA
 */
export function inspectModel(bytes: Uint8Array): OnnxFile {
  let opset = 0;
  let irVersion = 0;
  const domains = new Set<string>();
  let found: ReturnType<typeof graph> | null = null;
  try {
    walk(bytes, {
      1: (r) => (irVersion = integer(r)),
      7: (r) => (found = graph(r.bytes(), domains, 0)),
      8: (r) => {
        let domain = '';
        let version = 0;
        walk(r.bytes(), { 1: (o) => (domain = o.string()), 2: (o) => (version = integer(o)) });
        if (domain === '' || domain === 'ai.onnx') opset = version;
        domains.add(domain);
      },
      25: (r) => walk(r.bytes(), { 7: (f) => node(f.bytes(), domains, 0), 10: (f) => void domains.add(f.string()) }),
    });
  } catch (cause) {
    if (cause instanceof MettleError) throw cause;
    throw new MettleError('NOT_ONNX', 'the bytes are not an ONNX model', { bytes: bytes.length }, { cause });
  }
  const main = found as ReturnType<typeof graph> | null;
  if (main === null || irVersion < 1 || main.nodes === 0 || main.outputs.length === 0) {
    throw new MettleError('NOT_ONNX', 'the bytes are not an ONNX model: no graph', { bytes: bytes.length });
  }
  const strange = [...domains].filter((domain) => !DOMAINS.includes(domain));
  if (strange.length > 0) throw new MettleError('NOT_ONNX', `operators of unknown domains: ${strange.join(', ')}`, { domains: strange });
  return { opset, inputs: main.inputs, outputs: main.outputs, domains: [...domains].filter((domain) => domain !== '') };
}
