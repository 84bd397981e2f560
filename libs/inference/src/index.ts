export { inspectModel, type OnnxFile, type OnnxValue } from './onnxFile.ts';
export { encoderOf, type Encoder } from './encoder.ts';
export { loadModel, type LoadedModel } from './model.ts';
export { formatInferResponse, InferRequest, MAX_ROWS, parseInferRequest, type InferRow, type Parameters, type RowShape } from './infer.ts';
