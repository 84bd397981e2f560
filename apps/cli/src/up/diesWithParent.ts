import { spawnSync } from 'node:child_process';

let works: boolean | null = null;

/**
 * A command that the kernel kills when its parent dies, for a program that cannot watch its parent itself (the Temporal server).
 * Linux with util-linux's setpriv; elsewhere the command as it is, and the next start ends what was left behind.
 */
export function diesWithParent(command: string, args: readonly string[]): [command: string, args: readonly string[]] {
  works ??= process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' }).status === 0;
  return works ? ['setpriv', ['--pdeathsig', 'KILL', '--', command, ...args]] : [command, args];
}
