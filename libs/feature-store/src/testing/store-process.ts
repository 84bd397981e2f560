import { createInterface } from 'node:readline';
import { compileService } from '@mettle/feature-language';
import { openOnlineStore } from '../online/open-online-store.ts';
import { lateness } from './project.ts';
import { createLog, createPredictions } from './world.ts';

// A process of its own: `write <path or redis URL> <seed> <events>` applies a log in small batches and says its position after each;
// `read <path> <seed>` waits for `read` lines and answers each with the positions and values that it saw.
const [role, path = '', seed = '1', events = '0'] = process.argv.slice(2);
const where = path.startsWith('redis:') ? { url: path } : { path };
const service = compileService(lateness);
const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

if (role === 'write') {
  const store = openOnlineStore(where);
  await store.register(lateness);
  const records = createLog(Number(seed), Number(events));
  for (let from = await store.position(0); from < records.length; from += 7) {
    await store.apply(records.slice(from, from + 7));
    say({ position: await store.position(0) });
    if (from % 70 < 7) await new Promise((resolve) => setImmediate(resolve));
  }
  await store.close();
} else {
  const store = openOnlineStore({ ...where, readOnly: true });
  const rows = createPredictions(Number(seed), 8);
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'end') process.exit(0);
    say((await store.read(service, rows)).map(({ values, statuses, read }) => ({ values, statuses, position: read[0]?.position })));
  }
}
