export { createClient, type Client, type ClientOptions, type Health } from './client.ts';
export { isRefusal, mettleErrorOf } from './errors.ts';
export type { Bytes, Files } from './files.ts';
export type { AppRouter } from '@mettle/gateway';
