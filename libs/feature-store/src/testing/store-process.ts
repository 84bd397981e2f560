import { compileService } from '@mettle/feature-language';
import { openOnlineStore } from '../online/open-online-store.ts';
import { lateness } from './project.ts';
import { createLog, createPredictions } from './world.ts';

// A process of its own: `write <path> <seed> <events>` applies a log in small batches and says its position after each;
// `read <path> <seed>` waits for `read` lines and answers each with the positions and values that it saw.
const [role, path = '', seed = '1', events = '0'] = process.argv.slice(2);
const service = compileService(lateness);
const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

if (role === 'write') {
  const store = openOnlineStore({ path });
  store.register(lateness);
  const records = createLog(Number(seed), Number(events));
  for (let from = store.position(0); from < records.length; from += 7) {
    store.apply(records.slice(from, from + 7));
    say({ position: store.position(0) });
    if (from % 70 < 7) await new Promise((resolve) => setImmediate(resolve));
  }
  await store.close();
} else {
  const store = openOnlineStore({ path, readOnly: true });
  const rows = createPredictions(Number(seed), 8);
  say({ ready: true });
  process.stdin.on('data', (data: Buffer) => {
    for (const line of data.toString().split('\n').filter(Boolean)) {
      if (line === 'end') process.exit(0);
      say(store.read(service, rows).map(({ values, statuses, read }) => ({ values, statuses, position: read[0]?.position })));
    }
  });
}
