import cliProgress from 'cli-progress';

export interface Progress {
  start(total: number): void;
  /** One day done; `line` says date, champion, phase and rolling losses. */
  day(done: number, line: string): void;
  say(text: string): void;
  stop(): void;
}

/** A bar on a terminal; a line a week elsewhere, so that a CI log stays readable. */
export function createProgress(output: NodeJS.WriteStream = process.stderr, quiet = false): Progress {
  if (quiet) return { start() {}, day() {}, say() {}, stop() {} };
  if (!output.isTTY) {
    let last = -7;
    return {
      start: () => undefined,
      day(done, line) {
        if (done - last < 7) return;
        last = done;
        output.write(`  ${line}\n`);
      },
      say: (text) => void output.write(`${text}\n`),
      stop: () => undefined,
    };
  }
  const bar = new cliProgress.SingleBar({ format: ' {bar} {percentage}% {line}', stream: output, hideCursor: true, barsize: 20, linewrap: false }, cliProgress.Presets.shades_classic);
  let running = false;
  return {
    start(total) {
      bar.start(total, 0, { line: '' });
      running = true;
    },
    day: (done, line) => bar.update(done, { line }),
    say(text) {
      if (running) output.write('\r\u001b[K');
      output.write(`${text}\n`);
    },
    stop() {
      if (running) bar.stop();
      running = false;
    },
  };
}
