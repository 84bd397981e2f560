import { spawn, type ChildProcess } from 'node:child_process';

/** A child that leads its own process group, so that what it starts can be ended with it. */
export interface ProcessGroup {
  readonly child: ChildProcess;
  /** SIGKILL to all of the group; nothing when it is gone. */
  kill(): void;
  /** Resolves when the leader has ended and its pipes are closed. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; failure: Error | null }>;
}

/** Starts `command` with stdin closed. METTLE_PARENT_PID tells the child whom to outlive never; the group also ends with this process's exit. */
export function startGroup(command: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }): ProcessGroup {
  const env = { ...options.env, METTLE_PARENT_PID: String(process.pid) };
  const child = spawn(command, args, { cwd: options.cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // the group is gone
    }
  };
  process.on('exit', kill);
  const ended = new Promise<Awaited<ProcessGroup['ended']>>((resolve) => {
    let failure: Error | null = null;
    child.once('error', (error) => {
      failure = error;
      if (child.pid === undefined) resolve({ code: null, signal: null, failure });
    });
    child.once('exit', kill); // stragglers would hold the pipes open
    child.once('close', (code, signal) => resolve({ code, signal, failure }));
  }).finally(() => process.removeListener('exit', kill));
  return { child, kill, ended };
}
