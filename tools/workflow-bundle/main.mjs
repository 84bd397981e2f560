// Bundles the workflows into libs/lifecycle/dist/workflow-bundle.js, from the sources, so that it can never be older
// than they are. Does nothing when no source changed since. Prints the bundle's path.
//
//   node tools/workflow-bundle/main.mjs [--force]
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const require = createRequire(join(root, 'apps/lifecycle-worker/package.json'));
const out = join(root, 'libs/lifecycle/dist/workflow-bundle.js');
/** lifecycle and every room that it may import. */
const ROOMS = ['contracts', 'statistics', 'feature-language', 'evaluation', 'promotion', 'routing', 'lifecycle'];

function stamp() {
  const hash = createHash('sha256').update(require('@temporalio/worker/package.json').version).update(readFileSync(fileURLToPath(import.meta.url)));
  for (const room of ROOMS) {
    const folder = join(root, 'libs', room, 'src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts')).sort();
    for (const name of files) hash.update(`${room}/${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

const wanted = stamp();
const known = existsSync(`${out}.stamp`) && existsSync(out) ? readFileSync(`${out}.stamp`, 'utf8') : '';
if (known !== wanted || process.argv.includes('--force')) {
  const { bundleWorkflowCode } = require('@temporalio/worker');
  const problems = [];
  const say = (level) => (message, meta) => (level === 'error' || level === 'warn') && problems.push(`${level}: ${message} ${meta ? JSON.stringify(meta) : ''}`);
  const logger = { log: () => {}, trace: say('trace'), debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  try {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(root, 'libs/lifecycle/src/workflows.ts'),
      logger,
      webpackConfigHook: (config) => ({
        ...config,
        resolve: { ...config.resolve, conditionNames: ['@mettle/source', 'webpack', 'import', 'module', 'require', 'default'] },
      }),
    });
    mkdirSync(dirname(out), { recursive: true });
    for (const [path, text] of [[out, code], [`${out}.stamp`, wanted]]) {
      const temporary = `${path}.${process.pid}`;
      writeFileSync(temporary, text);
      renameSync(temporary, path);
    }
  } catch (error) {
    console.error([...problems, String(error)].join('\n'));
    process.exit(1);
  }
}
console.log(out);
