import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Path of the workflow bundle, made from the sources when they have changed. */
export async function workflowBundle(): Promise<string> {
  const tool = fileURLToPath(new URL('../../../tools/workflow-bundle/main.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [tool]);
  return stdout.trim().split('\n').at(-1) ?? '';
}
