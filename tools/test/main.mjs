// `npm test` and `npm run test:long`: every check of the repository, and one line that counts them.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? '.', '../..');
const long = process.argv[2] === 'long';
const ci = process.env.CI === 'true';
const counts = { passed: 0, failed: 0, skipped: 0 };
const venv = process.env.METTLE_VENV ?? join(root, '.cache/venv');
const environment = {
  ...process.env,
  NX_TUI: 'false',
  ...(ci ? { NX_DAEMON: 'false' } : {}),
  ...(process.env.METTLE_PYTHON === undefined && existsSync(join(venv, 'bin/python')) ? { METTLE_PYTHON: join(venv, 'bin/python') } : {}),
};

/** Runs a command with its output shown; true when it succeeded. */
function run(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: environment });
    child.once('error', () => done(false));
    child.once('exit', (code) => done(code === 0));
  });
}

/** One check that counts as one test. */
async function step(name, command, args) {
  process.stdout.write(`\n=== ${name}\n`);
  const started = Date.now();
  const good = await run(command, args);
  counts[good ? 'passed' : 'failed'] += 1;
  process.stdout.write(`=== ${name}: ${good ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
}

const projects = ['libs', 'apps', 'examples'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)));

/** Sums the reports that the test runners left; those of cached runs too. */
function count(name) {
  for (const project of projects) {
    const path = join(root, project, 'test-results', name);
    if (!existsSync(path)) continue;
    const report = JSON.parse(readFileSync(path, 'utf8'));
    counts.passed += report.numPassedTests;
    counts.failed += report.numFailedTests;
    counts.skipped += (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
    if (!report.success) process.stdout.write(`FAILED: ${path}\n`);
  }
}

const hasLongTests = (project) =>
  existsSync(join(root, project, 'src')) && readdirSync(join(root, project, 'src'), { recursive: true }).some((path) => String(path).endsWith('.long.spec.ts'));

if (long) {
  for (const project of projects) rmSync(join(root, project, 'test-results/long.json'), { force: true });
  for (const project of projects.filter(hasLongTests)) {
    await step(`long tests of ${project}`, 'npx', ['vitest', 'run', '--root', project, '--config', join(root, 'vitest.long.mjs')]);
  }
  count('long.json');
} else {
  // nx stops before the first task when a reference is missing and nobody is there to ask; in CI that is a finding, elsewhere it is repaired.
  if (ci) await step('project references are in sync', 'npx', ['nx', 'sync:check']);
  else await run('npx', ['nx', 'sync']);
  await step('type check, lint, unit and integration tests', 'npx', ['nx', 'run-many', '-t', 'typecheck', 'lint-all', 'test', '--parallel=3', '--output-style=static']);
  await step('unused code', 'npx', ['knip', '--no-config-hints']);
  count('unit.json');
}

// A check that did not run says nothing good: in CI a skip is a failure.
const failed = counts.failed + (ci ? counts.skipped : 0);
if (counts.skipped > 0) process.stdout.write(`\n${counts.skipped} skipped\n`);
process.stdout.write(`\n${counts.passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
