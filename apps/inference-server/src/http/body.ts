import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { MettleError } from '@mettle/contracts';

/** A body as it was read: its JSON, and the hash of its bytes. */
export interface Body {
  readonly json: unknown;
  readonly hash: string;
}

/** NaN and infinities as Python's `json` writes them, where a value may stand. */
const NOT_JSON_NUMBER = /[[,:]\s*-?(NaN|Infinity)\s*[,\]}]/;

/** @throws MettleError INVALID_INPUT | NOT_A_NUMBER */
export function readBody(bytes: Buffer): Body {
  if (!isUtf8(bytes)) throw new MettleError('INVALID_INPUT', 'the body is not UTF-8', { field: 'body' });
  const text = bytes.toString('utf8');
  try {
    return { json: JSON.parse(text) as unknown, hash: hash('sha256', bytes, 'hex') };
  } catch (cause) {
    const found = NOT_JSON_NUMBER.exec(text);
    if (found) throw new MettleError('NOT_A_NUMBER', `the body holds ${String(found[1])}`, { field: 'body' }, { cause });
    throw new MettleError('INVALID_INPUT', 'the body is not JSON', { field: 'body' }, { cause });
  }
}

/** JSON is the only content that is read. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes, done) => {
    try {
      done(null, readBody(bytes as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}
