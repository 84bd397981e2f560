import { open } from 'node:fs/promises';
import { AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, PutObjectCommand, UploadPartCommand, type S3Client } from '@aws-sdk/client-s3';

export interface ObjectAddress {
  readonly Bucket: string;
  readonly Key: string;
}

/** The server checks the content against its name before the object appears. */
export const putObject = (client: S3Client, address: ObjectAddress, hash: string, body: Uint8Array): Promise<unknown> =>
  client.send(new PutObjectCommand({ ...address, Body: body, ContentLength: body.length, ChecksumSHA256: Buffer.from(hash, 'hex').toString('base64') }));

/** One request for a small file, else an upload in parts: the object appears when the last call completes it. */
export async function uploadFile(client: S3Client, address: ObjectAddress, path: string, { hash, bytes }: { hash: string; bytes: number }, partBytes: number): Promise<void> {
  const file = await open(path, 'r');
  try {
    const read = async (position: number): Promise<Buffer> => {
      const buffer = Buffer.allocUnsafe(Math.min(partBytes, bytes - position));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
        if (bytesRead === 0) throw new Error(`${path} became shorter while it was stored`);
        filled += bytesRead;
      }
      return buffer;
    };
    if (bytes <= partBytes) {
      await putObject(client, address, hash, await read(0));
      return;
    }
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(address));
    const upload = { ...address, UploadId };
    try {
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (let position = 0; position < bytes; position += partBytes) {
        const Body = await read(position);
        const PartNumber = Parts.length + 1;
        const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body, ContentLength: Body.length }));
        Parts.push({ PartNumber, ETag });
      }
      await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    } catch (error) {
      // A server that is away keeps the parts until its own rule for unfinished uploads drops them; no object is visible.
      await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw error;
    }
  } finally {
    await file.close();
  }
}
