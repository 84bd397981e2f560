import type { ProcessSpec } from '../up/managedProcess.ts';
import { supervise } from '../up/supervisor.ts';

// A supervisor that a test kills: supervisor-process <folder>. Prints the pids of its two processes.

const spec = (name: string, channel: boolean): ProcessSpec => ({
  name,
  channel,
  command: process.execPath,
  args: ['-e', `process.once('disconnect', () => process.exit(0)); setInterval(() => {}, 1000)`],
  env: process.env,
  ready: () => Promise.resolve(true),
});

const folder = process.argv[2] ?? '';
const platform = await supervise({ folder, prepare: () => Promise.resolve([spec('server', false), spec('ours', true)]) });
process.stdout.write(JSON.stringify(platform.processes().map((one) => one.pid)));
