import { isMettleError, MettleError } from '@mettle/contracts';
import { unknownBlob } from './check.ts';

interface ServiceError {
  readonly name?: string;
  /** Of a connection that failed. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** A missing bucket answers 404 as a missing object does; only a body tells them apart. */
export const isMissingObject = (error: unknown): boolean => {
  const { name, $metadata } = error as ServiceError;
  return name !== 'NoSuchBucket' && (name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404);
};

export interface About {
  readonly bucket: string;
  /** null: AWS itself. */
  readonly endpoint: string | null;
  readonly key?: string;
}

/** Without them the SDK looks for credentials until it finds none. */
const isWithoutCredentials = (name: string): boolean => /Credential/.test(name);

function whatHappened(name: string, status: number | undefined): string {
  if (isWithoutCredentials(name)) return 'has no credentials from us: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  if (status === 403 || status === 401) return 'refuses our credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), or the bucket to them';
  if (status === 404) return 'has no such bucket (METTLE_BLOB_URL)';
  return status === undefined ? `does not answer (${name})` : `answers ${status} (${name})`;
}

/** What a failed call means: the store does not answer, or does not let us. Nothing the caller sent is wrong. */
export function unavailable(error: unknown, data: About): MettleError {
  if (isMettleError(error)) return error;
  const { name = 'Error', code, $metadata } = error as ServiceError;
  const status = $metadata?.httpStatusCode;
  const where = `${data.endpoint ?? 'AWS'}, bucket ${data.bucket}`;
  return new MettleError('UNAVAILABLE', `the S3 store (${where}) ${whatHappened(code ?? name, status)}`, { setting: 'METTLE_BLOB_URL', ...data, reason: String(error).slice(0, 300), status: status ?? null }, { cause: error });
}

export const missingOr = (error: unknown, hash: string, data: About): MettleError => (isMissingObject(error) ? unknownBlob(hash) : unavailable(error, data));
