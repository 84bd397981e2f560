// A peer's own virtual environment under .cache/peers/<name>, from a pinned and hashed requirements file; made again when that file changes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

function must(command, args, what) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status === 0) return result.stdout;
  throw new Error(`${what} failed: ${`${result.stderr ?? ''}${result.error ?? ''}`.trim().split('\n').slice(-5).join('\n')}`);
}

/** Returns run(script, args): runs one of peer/*.py in the environment and parses its last line as JSON. */
export function peerPython(name, requirements, say) {
  const folder = join(root, '.cache/peers', name);
  const stamp = join(folder, '.mettle');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const python = join(folder, 'bin/python');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) {
    say(`installing the peer of ${name} into ${folder}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    must('python3', ['-m', 'venv', folder], 'python3 -m venv');
    must(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '--require-hashes', '-r', requirements], 'pip install');
    writeFileSync(stamp, hash);
  }
  return (script, args) => JSON.parse(must(python, [join(import.meta.dirname, script), ...args], script).trim().split('\n').at(-1));
}
