export { startInferenceServer, type InferenceServer, type InferenceServerOptions } from './server.ts';
