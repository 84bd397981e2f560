// Records the histories that apps/lifecycle-worker/src/replay.spec.ts replays: one of each kind of workflow and of each
// way in which a candidate can end, from a real dev server. Run it when a workflow got new paths; histories that are in
// the repository stay, because workflows like them may still run somewhere:
//
//   node tools/recorded-histories/main.mjs <release>     writes tools/recorded-histories/<release>/*.json.gz
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const release = process.argv[2];
if (!release || !/^[a-z0-9.-]+$/.test(release)) {
  console.error('usage: node tools/recorded-histories/main.mjs <release>');
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const app = join(here, '..', '..', 'apps', 'lifecycle-worker');
const run = spawnSync('npx', ['vitest', 'run', 'src/replay.spec.ts', '-t', 'records'], { cwd: app, stdio: 'inherit', env: { ...process.env, METTLE_RECORD: join(here, release) } });
process.exit(run.status ?? 1);
