// Makes a fresh clone able to run: node tools/bootstrap/main.mjs [run|train|test]. Incremental; says what it does.
//   run    packages, build, the Temporal CLI
//   train  the same, and the trainer's virtual environment (which holds the demo's data too)
//   test   everything, and the servers that tests run: an S3-compatible one and Redis
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const cache = process.env.METTLE_CACHE ?? join(homedir(), '.cache', 'mettle');
const mode = process.argv[2] ?? 'test';
const say = (text) => process.stderr.write(`bootstrap: ${text}\n`);

function stop(text, hint) {
  process.stderr.write(`bootstrap: ${text}\n           ${hint}\n`);
  process.exit(1);
}

/** Runs a command to its end; its output is shown only when it fails, unless it is to be seen. */
function run(command, args, { cwd = root, env = {}, show = false } = {}) {
  const result = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 28 });
  return { ok: result.status === 0, output: `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? String(result.error) : ''}` };
}

const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
const isCurrent = (stamp, value) => existsSync(stamp) && readFileSync(stamp, 'utf8') === value;
const onPath = (name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)).find((path) => existsSync(path));
const atLeast = (version, ...wanted) => {
  const parts = version.split('.').map(Number);
  for (const [i, want] of wanted.entries()) {
    if ((parts[i] ?? 0) !== want) return (parts[i] ?? 0) > want;
  }
  return true;
};

function node() {
  if (!atLeast(process.versions.node, 20, 19)) stop(`Node ${process.versions.node} is too old`, 'install Node 20.19 or later');
}

function packages() {
  const stamp = join(root, 'node_modules', '.mettle');
  const value = sha(readFileSync(join(root, 'package-lock.json')), process.versions.modules);
  if (isCurrent(stamp, value)) return;
  say('npm ci (about 20 seconds)');
  // The ONNX runtime's install step would fetch CUDA libraries; the CPU library is in the package.
  const { ok, output } = run('npm', ['ci', '--no-audit', '--no-fund'], { env: { ONNXRUNTIME_NODE_INSTALL: 'skip' } });
  if (!ok) stop('npm ci failed', output.trim().split('\n').slice(-15).join('\n           '));
  writeFileSync(stamp, value);
}

function build() {
  const started = Date.now();
  const compiled = run(process.execPath, [join(root, 'node_modules/@typescript/native/bin/tsc'), '-b', 'tsconfig.build.json']);
  if (!compiled.ok) stop('the build failed', compiled.output.trim().split('\n').slice(0, 20).join('\n           '));
  const bundled = run(process.execPath, ['tools/workflow-bundle/main.mjs']);
  if (!bundled.ok) stop('the workflow bundle failed', bundled.output.trim().split('\n').slice(-10).join('\n           '));
  if (Date.now() - started > 3_000) say(`built (${((Date.now() - started) / 1000).toFixed(0)} s)`);
}

/** METTLE_TEMPORAL_CLI, PATH, the cache, a build from pinned modules, the SDK's own download. */
function temporal() {
  const configured = process.env.METTLE_TEMPORAL_CLI;
  if (configured) {
    if (!existsSync(configured)) stop(`METTLE_TEMPORAL_CLI names ${configured}, which is not there`, 'correct it, or unset it');
    return;
  }
  const binary = join(cache, 'bin', 'temporal');
  if (onPath('temporal') || existsSync(binary)) return;
  mkdirSync(dirname(binary), { recursive: true });
  if (onPath('go')) {
    say('building the Temporal CLI from its Go modules (about four minutes, once)');
    const { ok, output } = run('go', ['build', '-ldflags=-s -w', '-o', `${binary}.new`, 'github.com/temporalio/cli/cmd/temporal'], { cwd: join(root, 'tools/temporal-server'), env: { GOFLAGS: '-mod=readonly' } });
    if (ok) return renameSync(`${binary}.new`, binary);
    say(`the build failed: ${output.trim().split('\n').at(-1)}`);
  }
  say('downloading the Temporal CLI by its SDK');
  const { ok, output } = run(process.execPath, ['tools/bootstrap/downloadTemporal.mjs', binary]);
  if (!ok) stop(`no Temporal CLI: ${output.trim().split('\n').at(-1)}`, 'put `temporal` on PATH, name it in METTLE_TEMPORAL_CLI, or install Go 1.25 or later and run this again');
}

function python() {
  for (const name of ['python3', 'python']) {
    const { ok, output } = run(name, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    if (ok && atLeast(output.trim(), 3, 10)) return name;
  }
  return stop('no Python 3.10 or later', 'install it: only training needs it');
}

function venv() {
  if (process.env.METTLE_VENV) return;
  const folder = join(root, '.cache', 'venv');
  const lock = join(root, 'apps/trainer/requirements.lock');
  const stamp = join(folder, '.mettle');
  const value = sha(readFileSync(lock));
  if (isCurrent(stamp, value)) return;
  const interpreter = python();
  say("the trainer's virtual environment (about 30 seconds)");
  rmSync(folder, { recursive: true, force: true });
  const made = run(interpreter, ['-m', 'venv', folder]);
  if (!made.ok) stop('python -m venv failed', `${made.output.trim().split('\n').at(-1)} (on Debian: apt-get install python3-venv)`);
  const installed = run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes', '-r', lock]);
  if (!installed.ok) stop('pip install failed', installed.output.trim().split('\n').slice(-5).join('\n           '));
  const usable = run(join(folder, 'bin/python'), ['-c', 'import lightgbm']);
  if (!usable.ok) stop('LightGBM does not load', `${usable.output.trim().split('\n').at(-1)} (on Debian: apt-get install libgomp1)`);
  writeFileSync(stamp, value);
}

/** PATH, the cache, a build from the pinned module. */
function objectServer() {
  const binary = join(cache, 'bin', 'versitygw');
  if (onPath('versitygw') || existsSync(binary)) return;
  if (!onPath('go')) stop('no versitygw, the S3-compatible server that the tests run, and no Go to build it', 'install Go 1.25 or later, or put `versitygw` on PATH');
  say('building the S3-compatible server from its Go module (about a minute, once)');
  mkdirSync(dirname(binary), { recursive: true });
  const { ok, output } = run('go', ['build', '-ldflags=-s -w', '-o', `${binary}.new`, 'github.com/versity/versitygw/cmd/versitygw'], { cwd: join(root, 'tools/object-server'), env: { GOFLAGS: '-mod=readonly' } });
  if (!ok) stop('the build of versitygw failed', output.trim().split('\n').slice(-10).join('\n           '));
  renameSync(`${binary}.new`, binary);
}

/** The system's. As root on Debian it is installed, and not started: tests run their own. */
function redis() {
  if (onPath('redis-server')) return;
  const hint = 'install it (on Debian, as root: apt-get install redis-server)';
  if (process.getuid?.() !== 0 || !onPath('apt-get')) stop('no redis-server on PATH: the tests of the online store run it', hint);
  say('apt-get install redis-server');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'redis-server'], { env });
  if (install().ok) return;
  run('apt-get', ['update', '-q'], { env });
  const { ok, output } = install();
  if (!ok) stop('apt-get install redis-server failed', `${output.trim().split('\n').at(-1)}; ${hint}`);
}

const STEPS = { run: [node, packages, build, temporal], train: [node, packages, build, temporal, venv], test: [node, packages, build, temporal, venv, objectServer, redis] };
if (!(mode in STEPS)) stop(`unknown mode '${mode}'`, 'run, train or test');
for (const step of STEPS[mode]) step();
