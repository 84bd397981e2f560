import { type Fitted, MettleError, type Signature, type Value } from '@mettle/contracts';
import type { CompiledService } from '@mettle/feature-language';
import * as ort from 'onnxruntime-node';
import { encoderOf } from './encoder.ts';
import { inspectModel } from './onnxFile.ts';

/** A model in memory, ready to score vectors of its feature service. */
export interface LoadedModel {
  readonly signature: Signature;
  readonly opset: number;
  /** Outputs by name, one flat array per row. @throws MettleError SCORING_FAILED */
  score(vectors: readonly (readonly Value[])[]): Promise<Record<string, number[][]>>;
  close(): Promise<void>;
}

const FLOAT = 1;

/**
 * Loads a model from verified bytes: one float input [n, features], numeric outputs.
 * @throws MettleError NOT_ONNX | EXTERNAL_DATA | SIGNATURE_MISMATCH
 */
export async function loadModel(options: { bytes: Uint8Array; fitted: Fitted | null; service: CompiledService }): Promise<LoadedModel> {
  const { bytes, fitted, service } = options;
  const file = inspectModel(bytes);
  const input = file.inputs[0];
  const width = service.features.length;
  if (file.inputs.length !== 1 || input === undefined || input.elementType !== FLOAT || input.shape.length !== 2) {
    throw new MettleError('SIGNATURE_MISMATCH', 'a model takes one float tensor [rows, features]', { inputs: file.inputs.map((i) => `${i.name}[${i.shape.join(',')}]`) });
  }
  if (input.shape[1] !== -1 && input.shape[1] !== width) {
    throw new MettleError('SIGNATURE_MISMATCH', `the model takes ${input.shape[1]} features, ${service.name} has ${width}`, { model: input.shape[1]!, service: width });
  }
  const encode = encoderOf(service.features, fitted);
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3 });
  } catch (cause) {
    throw new MettleError('NOT_ONNX', 'the runtime cannot load the model', { reason: String(cause).slice(0, 300) }, { cause });
  }
  return {
    opset: file.opset,
    signature: {
      inputs: service.features.map(({ name, category }) => ({ name, datatype: category ? 'BYTES' : 'FP32', shape: [-1], missing: 'nan' })),
      outputs: file.outputs.map((o) => ({ name: o.name, datatype: o.elementType === FLOAT ? 'FP32' : 'FP64', shape: [...o.shape] })),
    },
    async score(vectors) {
      const rows = vectors.length;
      const data = new Float32Array(rows * width);
      for (let row = 0; row < rows; row += 1) encode(vectors[row]!, data, row * width);
      const results = await session.run({ [input.name]: new ort.Tensor('float32', data, [rows, width]) });
      const outputs: Record<string, number[][]> = {};
      for (const [name, tensor] of Object.entries(results)) {
        const flat = tensor.data as ArrayLike<number | bigint>;
        const size = flat.length / rows;
        const perRow: number[][] = new Array<number[]>(rows);
        for (let row = 0; row < rows; row += 1) {
          const values = new Array<number>(size);
          for (let i = 0; i < size; i += 1) {
            const value = Number(flat[row * size + i]);
            if (!Number.isFinite(value)) throw new MettleError('SCORING_FAILED', `output ${name} is not finite`, { output: name, row });
            values[i] = value;
          }
          perRow[row] = values;
        }
        outputs[name] = perRow;
      }
      return outputs;
    },
    close: () => session.release(),
  };
}
