export { startInferenceServer, type InferenceServer, type InferenceServerOptions } from './server.ts';
export { readTokens, type Tokens } from './tokens.ts';
