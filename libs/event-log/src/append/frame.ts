import { crc32 } from 'node:zlib';

/**
 * One record of a log file: `<crc32, 8 hex digits><separator><json>\n`. The separator is a space, or `+` where the record
 * belongs together with the next one: an append of several records is there whole or not at all. The checksum covers
 * the separator (as its start value) and the JSON.
 */
const ALONE = ' ';
const JOINED = '+';
const PREFIX = 9;
const NEWLINE = 0x0a;
const PLUS = 0x2b;
const SPACE = 0x20;

const checksum = (json: string | Uint8Array, joined: boolean): number => crc32(json, joined ? 1 : 0);

export function frame(json: string, joined: boolean): string {
  return `${checksum(json, joined).toString(16).padStart(8, '0')}${joined ? JOINED : ALONE}${json}\n`;
}

export type Scan = {
  /** Offsets of the JSON of each whole record: [start, end) pairs. */
  readonly spans: readonly (readonly [number, number])[];
  /** Bytes up to the end of the last complete append; what follows is a torn tail. */
  readonly length: number;
  /** Where a record fails its checksum although a good one follows; null: none. */
  readonly corruptAt: number | null;
};

function validFrame(bytes: Buffer, start: number, end: number): 'alone' | 'joined' | null {
  if (end - start < PREFIX) return null;
  const separator = bytes[start + 8];
  if (separator !== SPACE && separator !== PLUS) return null;
  const digits = bytes.toString('latin1', start, start + 8);
  if (!/^[0-9a-f]{8}$/.test(digits)) return null;
  const joined = separator === PLUS;
  return checksum(bytes.subarray(start + PREFIX, end), joined) === Number.parseInt(digits, 16) ? (joined ? 'joined' : 'alone') : null;
}

/** Walks the frames of a log file. A bad frame with no good one after it is a torn tail; before a good one it is corruption. */
export function scan(bytes: Buffer): Scan {
  const spans: [number, number][] = [];
  let length = 0;
  let complete = 0;
  let bad: number | null = null;
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const kind = newline === -1 ? null : validFrame(bytes, start, end);
    if (kind === null) bad ??= start;
    else if (bad !== null) return { spans: spans.slice(0, complete), length, corruptAt: bad };
    else {
      spans.push([start + PREFIX, end]);
      if (kind === 'alone') {
        length = end + 1;
        complete = spans.length;
      }
    }
    start = end + 1;
  }
  return { spans: spans.slice(0, complete), length, corruptAt: null };
}

/** The JSON lines of a file without their frames. */
export function withoutFrames(bytes: Buffer, spans: Scan['spans']): Buffer {
  let size = 0;
  for (const [start, end] of spans) size += end - start + 1;
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [start, end] of spans) {
    at += bytes.copy(out, at, start, end);
    out[at] = NEWLINE;
    at += 1;
  }
  return out;
}
