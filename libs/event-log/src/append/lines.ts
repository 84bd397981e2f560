import { gunzipSync, gzip } from 'node:zlib';
import { promisify } from 'node:util';

const compress = promisify(gzip);

/** Deterministic gzip of JSON lines: level 1, time 0, no name, and no trace of the operating system in the header. */
export async function packLines(lines: Buffer): Promise<Buffer> {
  const packed = await compress(lines, { level: 1 });
  packed.fill(0, 4, 8);
  packed[9] = 255;
  return packed;
}

/** The records of JSON lines, parsed at once. */
export function parseLines<T>(lines: Buffer): T[] {
  const text = lines.toString('utf8');
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  return body === '' ? [] : (JSON.parse(`[${body.replaceAll('\n', ',')}]`) as T[]);
}

/** The records of a sealed piece, as the blob store holds it. */
export const readPiece = <T>(packed: Buffer): T[] => parseLines<T>(gunzipSync(packed));
