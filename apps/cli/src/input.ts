import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { MettleError } from '@mettle/contracts';

/** Lines in one call of the gateway. */
const BATCH = 2_000;

const refuse = (file: string, cause: unknown): MettleError =>
  new MettleError('INVALID_INPUT', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { file }, { cause });

/** A JSON file; `-` reads standard input. @throws MettleError INVALID_INPUT */
export async function readInput(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file === '-' ? '/dev/stdin' : file, 'utf8'));
  } catch (error) {
    throw refuse(file, error);
  }
}

/** The records of a file of JSON lines, in batches. @throws MettleError INVALID_INPUT naming the line */
export async function* readLines(file: string): AsyncGenerator<unknown[]> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  let batch: unknown[] = [];
  let line = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line += 1;
      if (text.trim() === '') continue;
      batch.push(JSON.parse(text));
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    throw error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT' ? refuse(`${file}${line > 0 ? `:${line}` : ''}`, error) : error;
  }
  if (batch.length > 0) yield batch;
}
