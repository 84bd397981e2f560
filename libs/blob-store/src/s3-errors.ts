import { isMettleError, MettleError } from '@mettle/contracts';
import { unknownBlob } from './check.ts';

interface ServiceError {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** A missing bucket answers 404 as a missing object does; only a body tells them apart. */
export const isMissingObject = (error: unknown): boolean => {
  const { name, $metadata } = error as ServiceError;
  return name !== 'NoSuchBucket' && (name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404);
};

/** What a failed call means: the store does not answer, or does not let us. Nothing the caller sent is wrong. */
export function unavailable(error: unknown, data: { readonly bucket: string; readonly key?: string }): MettleError {
  if (isMettleError(error)) return error;
  const { name = 'Error', $metadata } = error as ServiceError;
  return new MettleError('UNAVAILABLE', `the S3 store did not answer: ${name}`, { ...data, reason: String(error).slice(0, 300), status: $metadata?.httpStatusCode ?? null }, { cause: error });
}

export const missingOr = (error: unknown, hash: string, data: { readonly bucket: string; readonly key: string }): MettleError => (isMissingObject(error) ? unknownBlob(hash) : unavailable(error, data));
