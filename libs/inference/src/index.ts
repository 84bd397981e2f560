export { checkOutputs } from './model/check-outputs.ts';
export { inspectModel, type OnnxModel } from './onnx/inspect-model.ts';
export type { OnnxValue } from './onnx/value-info.ts';
export { MAX_RUN_ROWS, loadModel, type LoadedModel, type ModelSource, type Scores } from './model/load-model.ts';
export { AT, requestSchema, type InputSpec, type RequestSchema } from './protocol/request-schema.ts';
export { MAX_ROWS } from './protocol/read-input.ts';
export { parseInferRequest, type InferRequest, type InferRow } from './protocol/parse-infer-request.ts';
export { formatInferResponse, type AnsweredRow, type InferResponse, type OutputTensor } from './protocol/format-infer-response.ts';
