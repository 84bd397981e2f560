import { closeSync, openSync, writeSync } from 'node:fs';

/** A log never grows beyond this many bytes. */
const MOST_BYTES = 4 * 1024 * 1024;
const TAIL_LINES = 20;
const TAIL_CHARACTERS = 4000;

/** Keeps what a trainer prints: all of it in a file up to a limit, the last lines in memory for the error. */
export function openTrainerLog(path: string): { write(chunk: Buffer): void; tail(): string; close(): void } {
  const file = openSync(path, 'w', 0o600);
  let written = 0;
  let recent = '';
  return {
    write(chunk) {
      recent = (recent + chunk.toString('utf8')).slice(-TAIL_CHARACTERS);
      if (written >= MOST_BYTES) return;
      written += writeSync(file, chunk, 0, Math.min(chunk.length, MOST_BYTES - written));
    },
    tail: () => recent.trimEnd().split('\n').slice(-TAIL_LINES).join('\n'),
    close: () => closeSync(file),
  };
}
