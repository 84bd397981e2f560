import { z } from 'zod';
import { Fitted, MettleError, Task, hashOf, type ModelManifestInput, type ModelVersionView, type Principal, type Signature } from '@mettle/contracts';
import type { CompiledService } from '@mettle/feature-language';
import type { OnnxValue } from '@mettle/inference';
import { missingLineage } from '@mettle/registry';
import type { Platform } from '../platform/platform.ts';

function jsonText(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
}

/** What a client says of an uploaded model; the file says the rest. */
export const ModelImport = z.object({
  task: Task,
  /** Feature service that the model was made for, by hash or name; without one it cannot serve an endpoint. */
  service: z.string().nullable().default(null),
  /** Vocabularies of categorical features. */
  fitted: z.string().transform(jsonText).pipe(Fitted).nullable().default(null),
  /** Where the model comes from: stands for the lineage that an import cannot prove. */
  note: z.string().min(1).max(5_000),
});

/**
 * Registers a model from its bytes. Only its structure is read; nothing is loaded or executed. A refused file leaves nothing behind.
 * @throws MettleError UNKNOWN_MODEL | NOT_ONNX | EXTERNAL_DATA | SIGNATURE_MISMATCH | UNKNOWN_SERVICE
 */
export async function importModel({ registry, services, blobs, now }: Platform, by: Principal, model: string, input: z.output<typeof ModelImport>, bytes: Uint8Array): Promise<ModelVersionView> {
  await registry.model(model);
  // The runtime beside it is native and large: only an import pays for it.
  const { inspectModel } = await import('@mettle/inference');
  const file = inspectModel(bytes);
  const service = input.service === null ? null : (await services.get(input.service)).compiled;
  if (service !== null) checkInputs(file.inputs, service, input.fitted);
  const signature: Signature = {
    inputs: service === null
      ? file.inputs.map(({ name, datatype, shape }) => ({ name, datatype: datatype ?? 'FP32', shape: [...(shape ?? [])], missing: 'refuse' }))
      : service.features.map(({ name, type, category }) => ({ name, datatype: category ? 'BYTES' : DATATYPES[type], shape: [-1], missing: 'nan' })),
    outputs: file.outputs.map(({ name, datatype, shape }) => ({ name, datatype: datatype ?? 'FP32', shape: [...(shape ?? [])] })),
  };
  const facts: ModelManifestInput = {
    v: 1, model, file: await blobs.put(bytes), bytes: bytes.length, opset: file.opset, task: input.task, signature, origin: 'imported',
    featureService: service?.hash ?? null, snapshot: null, fitted: input.fitted === null ? null : await blobs.putJson(input.fitted),
    environment: null, code: null, trainer: null, referenceProfile: null, parent: null, offline: {}, parity: null, attested: null, createdAt: now(), by,
  };
  const fields = missingLineage(facts);
  const manifest: ModelManifestInput = { ...facts, attested: { by, note: input.note, fields } };
  const key = `import/${hashOf([facts.file, facts.featureService, facts.fitted, input.task, input.note])}`;
  return registry.version(await registry.registerVersion(manifest, key));
}

const DATATYPES = { float64: 'FP64', int64: 'INT64', bool: 'BOOL', string: 'BYTES' } as const;

/** The same rules as where models are loaded to serve, from the file's own words. @throws MettleError SIGNATURE_MISMATCH */
function checkInputs(inputs: readonly OnnxValue[], service: CompiledService, fitted: Fitted | null): void {
  const [input] = inputs;
  const shown = inputs.map(({ name, shape }) => `${name}[${(shape ?? []).join(',')}]`);
  if (inputs.length !== 1 || input === undefined || !['FP32', 'FP64'].includes(input.datatype ?? '') || input.shape?.length !== 2) {
    throw new MettleError('SIGNATURE_MISMATCH', 'a model takes one float tensor [rows, features]', { inputs: shown });
  }
  const width = service.features.length;
  if (input.shape[1] !== -1 && input.shape[1] !== width) {
    throw new MettleError('SIGNATURE_MISMATCH', `the model takes ${input.shape[1]} features, ${service.name} has ${width}`, { inputs: shown, service: width });
  }
  const wordless = service.features.find(({ name, category, type }) => type === 'string' && !(category && Object.hasOwn(fitted?.vocabularies ?? {}, name)));
  if (wordless !== undefined) throw new MettleError('SIGNATURE_MISMATCH', `feature '${wordless.name}' is text and the model has no vocabulary for it`, { feature: wordless.name });
}
