import { MettleError, type Datatype, type Fitted, type Signature, type Value } from '@mettle/contracts';
import { compileService, type FeatureType, type ServiceDefinition } from '@mettle/feature-language';
import { createEncoder } from './encoder.ts';
import { openSession, type OutputColumns } from './session.ts';

/** What a model answered for rows. */
export interface Scores {
  /** By output name, per row its numbers flattened. A row with an error may hold NaN. */
  readonly outputs: Readonly<Record<string, number[][]>>;
  /** Per row why its answer does not count; null: it does. */
  readonly errors: readonly (string | null)[];
}

/** A model that answers feature vectors of one service. */
export interface LoadedModel {
  readonly signature: Signature;
  readonly opset: number;
  /**
   * Scores vectors in the service's order, in one run for up to {@link MAX_RUN_ROWS} rows.
   * @throws MettleError SHAPE_MISMATCH | TYPE_MISMATCH for vectors of another service; SCORING_FAILED when the model fails
   */
  score(vectors: readonly (readonly Value[])[]): Promise<Scores>;
  /** Frees native memory; nothing may be scored afterwards. */
  close(): Promise<void>;
}

export interface ModelSource {
  /** Verified bytes of the ONNX file. */
  readonly bytes: Uint8Array;
  readonly fitted: Fitted | null;
  readonly definition: ServiceDefinition;
}

/** Rows of one run: bounds memory, and for how long a run holds the thread (about 25 ms with 200 trees). */
export const MAX_RUN_ROWS = 8_192;

const DATATYPES: Readonly<Record<FeatureType, Datatype>> = { float64: 'FP64', int64: 'INT64', bool: 'BOOL', string: 'BYTES' };

/**
 * Loads a model and proves that it answers vectors of the service: its width is the number of features, and a probe runs.
 * The probe also finds out which inputs may be missing: with a missing `refuse` input the model answers NaN.
 * @throws MettleError NOT_ONNX | EXTERNAL_DATA | SIGNATURE_MISMATCH
 */
export async function loadModel({ bytes, fitted, definition }: ModelSource): Promise<LoadedModel> {
  const { features } = compileService(definition);
  const encoder = createEncoder(features, fitted);
  const width = features.length;
  const session = await openSession(bytes);
  try {
    if (session.input.width !== width) {
      throw new MettleError('SIGNATURE_MISMATCH', `the model takes ${session.input.width} numbers where the service has ${width} features`, { model: session.input.width, service: width });
    }
    const probe = await session.run(probeMatrix(session.matrix(width + 1, width), width), width + 1, width).catch((cause: unknown) => {
      throw new MettleError('SIGNATURE_MISMATCH', `the model refuses a matrix of ${width} features`, { service: width }, { cause });
    });
    const refused = refusedInputs(probe, width);
    const signature: Signature = {
      inputs: features.map(({ name, type }, i) => ({ name, datatype: DATATYPES[type], shape: [-1], missing: refused[i] ? 'refuse' : 'nan' })),
      outputs: probe.map(({ name, width: columns }, i) => ({ name, datatype: session.outputs[i]?.datatype ?? 'FP32', shape: [-1, columns] })),
    };
    const score = async (vectors: readonly (readonly Value[])[]): Promise<Scores> => {
      const outputs: Record<string, number[][]> = Object.fromEntries(signature.outputs.map(({ name }) => [name, []]));
      const errors: (string | null)[] = [];
      for (let from = 0; from < vectors.length; from += MAX_RUN_ROWS) {
        const rows = Math.min(MAX_RUN_ROWS, vectors.length - from);
        const matrix = session.matrix(rows, width);
        for (let row = 0; row < rows; row += 1) encoder.encode(vectors[from + row] as readonly Value[], matrix, row);
        collect(await session.run(matrix, rows, width), rows, outputs, errors);
        for (let row = 0; row < rows; row += 1) {
          const missing = errors[from + row] === null ? -1 : refused.findIndex((no, i) => no && Number.isNaN(matrix[row * width + i]));
          if (missing >= 0) errors[from + row] = `feature ${features[missing]?.name} is missing, which the model refuses`;
        }
      }
      return { outputs, errors };
    };
    return { signature, opset: session.onnx.opset, score, close: () => session.close() };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Row 0: zeros. Row i + 1: zeros, and NaN for feature i. */
function probeMatrix<M extends Float32Array | Float64Array>(matrix: M, width: number): M {
  for (let i = 0; i < width; i += 1) matrix[(i + 1) * width + i] = Number.NaN;
  return matrix;
}

/** Which features turn a finite answer into one that is not. */
function refusedInputs(probe: readonly OutputColumns[], width: number): boolean[] {
  const finite = (row: number): boolean => probe.every((output) => rowOf(output, row).every(Number.isFinite));
  const usable = finite(0);
  return Array.from({ length: width }, (_, i) => usable && !finite(i + 1));
}

function rowOf({ data, width }: OutputColumns, row: number): number[] {
  const numbers = new Array<number>(width);
  for (let i = 0; i < width; i += 1) numbers[i] = Number(data[row * width + i]);
  return numbers;
}

function collect(run: readonly OutputColumns[], rows: number, outputs: Record<string, number[][]>, errors: (string | null)[]): void {
  for (let row = 0; row < rows; row += 1) {
    let error: string | null = null;
    for (const output of run) {
      const numbers = rowOf(output, row);
      if (!numbers.every(Number.isFinite)) error ??= `output ${output.name} is not finite`;
      outputs[output.name]?.push(numbers);
    }
    errors.push(error);
  }
}
