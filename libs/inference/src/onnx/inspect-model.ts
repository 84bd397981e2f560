import { MettleError } from '@mettle/contracts';
import { readMessage, type Fields, type Message } from './message.ts';
import { readValueInfo, type OnnxValue } from './value-info.ts';

/** What a model file says of itself. */
export interface OnnxModel {
  readonly irVersion: number;
  /** Of the standard operators; of `ai.onnx.ml` where the model uses no others. */
  readonly opset: number;
  /** Operator domains that its nodes use, sorted; '' is the standard one. */
  readonly domains: readonly string[];
  /** What a caller feeds: graph inputs without the initializers. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Operators that run here: the standard's. Others may load code or files. */
const ALLOWED_DOMAINS: readonly string[] = ['', 'ai.onnx', 'ai.onnx.ml'];

/** TensorProto.DataLocation.EXTERNAL */
const EXTERNAL = 1;

/**
 * Reads an ONNX file by its protobuf wire format; nothing of it is executed and no path in it is opened.
 * @throws MettleError NOT_ONNX when it is no ONNX model, or uses operators outside the standard; EXTERNAL_DATA when any
 * tensor, at any depth, keeps its data outside the file
 */
export function inspectModel(bytes: Uint8Array): OnnxModel {
  const found = survey(bytes);
  if (found.external) throw new MettleError('EXTERNAL_DATA', 'a tensor of the model keeps its data in another file', { tensor: found.external });
  if (found.irVersion < 1 || found.nodes === 0 || found.outputs.length === 0 || found.opsets.size === 0) {
    throw notOnnx('the bytes hold no graph with operators and outputs');
  }
  const foreign = [...found.domains].filter((domain) => !ALLOWED_DOMAINS.includes(domain) && !found.local.has(domain));
  if (foreign.length > 0) throw new MettleError('NOT_ONNX', `operators of ${foreign.join(', ')} are not standard ONNX`, { domains: foreign, allowed: [...ALLOWED_DOMAINS] });
  return {
    irVersion: found.irVersion,
    opset: found.opsets.get('') ?? found.opsets.get('ai.onnx') ?? found.opsets.get('ai.onnx.ml') ?? 0,
    domains: [...found.domains].sort(),
    inputs: found.inputs.filter(({ name }) => !found.initializers.has(name)),
    outputs: found.outputs,
  };
}

interface Survey {
  irVersion: number;
  nodes: number;
  /** Name of a tensor with external data. */
  external: string | null;
  readonly opsets: Map<string, number>;
  readonly domains: Set<string>;
  /** Domains of functions that the model itself defines by other operators. */
  readonly local: Set<string>;
  readonly initializers: Set<string>;
  readonly inputs: OnnxValue[];
  readonly outputs: OnnxValue[];
}

/** Field numbers are those of onnx.proto3 (ONNX 1.20). */
function survey(bytes: Uint8Array): Survey {
  const found: Survey = { irVersion: 0, nodes: 0, external: null, opsets: new Map(), domains: new Set(), local: new Set(), initializers: new Set(), inputs: [], outputs: [] };

  const tensor = (m: Message): string => {
    let name = '';
    let external = false;
    m.message({ 8: (t) => void (name = t.text()), 13: (t) => { t.skip(); external = true; }, 14: (t) => { if (t.number() === EXTERNAL) external = true; } });
    if (external) found.external ??= name === '' ? '(unnamed)' : name;
    return name;
  };
  const sparse = (m: Message): void => m.message({ 1: tensor, 2: tensor });
  const attribute = (m: Message): void => m.message({ 5: tensor, 6: inner, 10: tensor, 11: inner, 22: sparse, 23: sparse });
  const node = (m: Message): void => {
    let domain = '';
    m.message({ 5: attribute, 7: (n) => void (domain = n.text()) });
    found.nodes += 1;
    found.domains.add(domain);
  };
  const graphFields: Fields = { 1: node, 5: tensor, 15: sparse };
  const inner = (m: Message): void => m.message(graphFields);
  const opset = (m: Message): void => {
    let domain = '';
    let version = 0;
    m.message({ 1: (o) => void (domain = o.text()), 2: (o) => void (version = o.number()) });
    found.opsets.set(domain, version);
  };
  const fn = (m: Message): void => m.message({ 7: node, 11: attribute, 10: (f) => void found.local.add(f.text()) });
  const graph = (m: Message): void =>
    m.message({
      ...graphFields,
      5: (g) => void found.initializers.add(tensor(g)),
      11: (g) => void found.inputs.push(readValueInfo(g)),
      12: (g) => void found.outputs.push(readValueInfo(g)),
    });
  try {
    readMessage(bytes, { 1: (m) => void (found.irVersion = m.number()), 7: graph, 8: opset, 20: (m) => m.message({ 1: inner, 2: inner }), 25: fn });
  } catch (cause) {
    throw notOnnx('the bytes are not an ONNX model', cause);
  }
  return found;
}

const notOnnx = (message: string, cause?: unknown): MettleError => new MettleError('NOT_ONNX', message, {}, cause === undefined ? {} : { cause });
