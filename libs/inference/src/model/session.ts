import { MettleError, type Datatype } from '@mettle/contracts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { inspectModel, type OnnxModel } from '../onnx/inspect-model.ts';

/** One output of a run: row-major, `width` numbers a row. */
export interface OutputColumns {
  readonly name: string;
  readonly width: number;
  readonly data: ArrayLike<number | bigint>;
}

/** An ONNX model with one matrix input, ready to run. */
export interface Session {
  readonly onnx: OnnxModel;
  readonly input: { readonly name: string; readonly datatype: 'FP32' | 'FP64'; readonly width: number };
  /** What is asked of a run: the floating-point outputs, or all numeric ones where there are none. */
  readonly outputs: readonly { readonly name: string; readonly datatype: Datatype }[];
  /** An empty matrix of `rows` rows. */
  matrix(rows: number, width: number): Float32Array | Float64Array;
  /** @throws MettleError SCORING_FAILED */
  run(matrix: Float32Array | Float64Array, rows: number, width: number): Promise<OutputColumns[]>;
  close(): Promise<void>;
}

/** One thread: rows are batched, and the sums of a run do not depend on how many processors there are. */
const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  enableMemPattern: false,
  // Silent: a run that fails throws, and a shape hint that is off ("label" of LightGBM) is not worth a line.
  logSeverityLevel: 4,
};

/** What the runtime said, bounded, for the log. */
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);

/**
 * Opens a session from verified bytes.
 * @throws MettleError NOT_ONNX | EXTERNAL_DATA | SIGNATURE_MISMATCH when it has not one input `[rows, features]` of
 * floating-point numbers, or no numeric output
 */
export async function openSession(bytes: Uint8Array): Promise<Session> {
  const onnx = inspectModel(bytes);
  const input = matrixInput(onnx);
  const outputs = numericOutputs(onnx);
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, OPTIONS);
  } catch (cause) {
    throw new MettleError('NOT_ONNX', 'the runtime cannot load the model', { reason: reasonOf(cause) }, { cause });
  }
  const fetches = outputs.map(({ name }) => name);
  const type = input.datatype === 'FP32' ? 'float32' : 'float64';
  return {
    onnx,
    input,
    outputs,
    matrix: (rows, width) => (type === 'float32' ? new Float32Array(rows * width) : new Float64Array(rows * width)),
    async run(matrix, rows, width) {
      let results: InferenceSession.OnnxValueMapType;
      try {
        results = await session.run({ [input.name]: new Tensor(type, matrix, [rows, width]) }, fetches);
      } catch (cause) {
        throw new MettleError('SCORING_FAILED', 'the model failed', { reason: reasonOf(cause) }, { cause });
      }
      return fetches.map((name) => columnsOf(name, results[name], rows));
    },
    close: () => session.release(),
  };
}

function columnsOf(name: string, value: InferenceSession.OnnxValueMapType[string] | undefined, rows: number): OutputColumns {
  const tensor = value as Tensor | undefined;
  const [first] = tensor?.dims ?? [];
  if (tensor === undefined || first !== rows) {
    throw new MettleError('SCORING_FAILED', `output ${name} has ${String(first)} rows for ${rows}`, { output: name, rows, shape: [...(tensor?.dims ?? [])] });
  }
  return { name, width: tensor.size / rows, data: tensor.data as unknown as ArrayLike<number | bigint> };
}

function matrixInput(onnx: OnnxModel): Session['input'] {
  const refuse = (why: string): MettleError =>
    new MettleError('SIGNATURE_MISMATCH', why, { inputs: onnx.inputs.map(({ name, datatype, shape }) => `${name}: ${datatype ?? 'no tensor'} [${(shape ?? []).join(', ')}]`) });
  const [only, second] = onnx.inputs;
  if (only === undefined || second !== undefined) throw refuse(`the model has ${onnx.inputs.length} inputs where one matrix [rows, features] is expected`);
  if (only.datatype !== 'FP32' && only.datatype !== 'FP64') throw refuse(`input ${only.name} is not floating-point`);
  if (only.shape !== null && only.shape.length !== 2) throw refuse(`input ${only.name} is not a matrix [rows, features]`);
  const [batch = -1, width = -1] = only.shape ?? [];
  if (width < 1) throw refuse(`input ${only.name} does not say how many features it takes`);
  if (batch >= 0) throw refuse(`input ${only.name} takes exactly ${batch} rows: export it with a variable first dimension`);
  return { name: only.name, datatype: only.datatype, width };
}

function numericOutputs(onnx: OnnxModel): Session['outputs'] {
  const of = (wanted: readonly Datatype[]) => onnx.outputs.flatMap(({ name, datatype }) => (datatype !== null && wanted.includes(datatype) ? [{ name, datatype }] : []));
  const real = of(['FP32', 'FP64']);
  const outputs = real.length > 0 ? real : of(['INT64', 'INT32', 'BOOL']);
  if (outputs.length === 0) {
    throw new MettleError('SIGNATURE_MISMATCH', 'the model has no output that is a tensor of numbers (export a classifier without zipmap)', { outputs: onnx.outputs.map(({ name }) => name) });
  }
  return outputs;
}
