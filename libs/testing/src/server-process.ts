import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const STARTS_WITHIN_MS = 20_000;

const answers = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), done(true)));
    socket.once('error', () => done(false));
  });

/** A server program of a test's own, which can be killed and started again on the same port. */
export interface ServerProcess {
  start(): Promise<void>;
  /** kill -9, and the end of the process. */
  kill(): Promise<void>;
}

/** @throws Error with what the program said when it ends or does not listen within 20 s; with `hint` when it is not installed */
export function serverProcess(command: string, args: readonly string[], port: number, hint: string): ServerProcess {
  let child: ChildProcess | null = null;
  return {
    async start() {
      const said: string[] = [];
      const started = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      let failure: string | null = null;
      started.once('error', (error) => (failure = `${error.message}: ${hint}`));
      started.once('exit', (code) => (failure ??= `it ended with ${code}`));
      for (const stream of [started.stdout, started.stderr]) stream.on('data', (text: Buffer) => said.push(text.toString()));
      child = started;
      for (const end = Date.now() + STARTS_WITHIN_MS; ; await delay(20)) {
        if (failure === null && (await answers(port))) return;
        if (failure !== null || Date.now() > end) {
          started.kill('SIGKILL');
          throw new Error(`${command} did not start: ${failure ?? 'it did not listen'}\n${said.slice(-10).join('')}`);
        }
      }
    },
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A started server that owns a folder. */
export interface OwnServer extends ServerProcess {
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/** Starts a server over `folder`; when it does not start, nothing of it is left. @throws as {@link serverProcess} */
export async function startOver(folder: string, server: ServerProcess): Promise<OwnServer> {
  const stop = async (): Promise<void> => {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...server, stop };
}
