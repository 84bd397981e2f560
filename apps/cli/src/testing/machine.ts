import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diesWithParent } from '../up/diesWithParent.ts';
import { ROOT } from '../up/settings.ts';

/** A process with a home and an address of its own, as a container has them. */
export interface Machine {
  readonly name: string;
  /** The loopback address that is its own. */
  readonly host: string;
  readonly home: string;
  start(): void;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM. @returns its exit code */
  stop(): Promise<number | null>;
  readonly running: boolean;
  /** Exits by itself: neither killed nor stopped by the test. */
  readonly crashes: number;
  /** Everything that it has printed. */
  said(): string;
}

export interface MachineOptions {
  readonly name: string;
  readonly host: string;
  /** Under it: the home and what it printed. */
  readonly folder: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Started again when it ends by itself, as `restart: unless-stopped` says. */
  readonly restart: boolean;
}

export function createMachine({ name, host, folder, command, environment, restart }: MachineOptions): Machine {
  const home = join(folder, name);
  const printed = join(folder, `${name}.log`);
  mkdirSync(home, { recursive: true });
  let child: ChildProcess | null = null;
  let ended: Promise<number | null> = Promise.resolve(null);
  let wanted = false;
  let crashes = 0;
  const start = (): void => {
    wanted = true;
    const log = openSync(printed, 'a');
    // Nothing of the test's own environment but where programs are.
    const [program, args] = diesWithParent(command[0]!, command.slice(1));
    const started = spawn(program, [...args], { cwd: ROOT, env: { PATH: process.env['PATH'], HOME: home, ...environment }, stdio: ['ignore', log, log] });
    closeSync(log);
    child = started;
    ended = new Promise((resolve) => started.once('exit', (code) => {
      child = null;
      resolve(code);
      if (!wanted) return;
      crashes += 1;
      if (restart) void sleep(200).then(() => (wanted && child === null ? start() : undefined));
    }));
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    wanted = false;
    child?.kill(signal);
    return ended;
  };
  return {
    name, host, home, start,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    get running() {
      return child !== null;
    },
    get crashes() {
      return crashes;
    },
    said: () => readFileSync(printed, 'utf8'),
  };
}
