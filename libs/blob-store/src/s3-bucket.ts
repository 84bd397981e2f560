import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { putObject, uploadFile, type ObjectAddress } from './s3-upload.ts';

/** To connect, and between two packets, ms. */
const CONNECT_MS = 3_000;
const SILENCE_MS = 20_000;

export interface BucketOptions {
  readonly bucket: string;
  /** For a server other than AWS's own; addressed by path. Credentials and region are those of the SDK's chain. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly partBytes: number;
  /** Of one call, with the client's own backoff. */
  readonly tries: number;
}

/** The calls that a store makes; they throw what the SDK throws. */
export interface Bucket {
  check(): Promise<void>;
  size(key: string): Promise<number | null>;
  put(key: string, hash: string, bytes: Uint8Array): Promise<void>;
  upload(key: string, path: string, file: { hash: string; bytes: number }): Promise<void>;
  read(key: string): Promise<{ body: Readable; bytes: number | null }>;
}

/** Apart from the store, so that only who uses a bucket loads the SDK. */
export function openBucket({ bucket, endpoint, region, partBytes, tries }: BucketOptions): Bucket {
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(region === undefined ? {} : { region }),
    maxAttempts: tries,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
    // The store itself checks all that it reads against the name.
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const at = (key: string): ObjectAddress => ({ Bucket: bucket, Key: key });
  return {
    check: async () => void (await client.send(new HeadBucketCommand({ Bucket: bucket }))),
    size: async (key) => (await client.send(new HeadObjectCommand(at(key)))).ContentLength ?? null,
    put: async (key, hash, bytes) => void (await putObject(client, at(key), hash, bytes)),
    upload: (key, path, file) => uploadFile(client, at(key), path, file, partBytes),
    async read(key) {
      const { Body, ContentLength } = await client.send(new GetObjectCommand(at(key)));
      return { body: Body as Readable, bytes: ContentLength ?? null };
    },
  };
}
