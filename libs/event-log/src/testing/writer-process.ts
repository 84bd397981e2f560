import { openBlobStore } from '@mettle/blob-store';
import type { EventInput } from '@mettle/contracts';
import type { SourceIR } from '@mettle/feature-language';
import { openEventLog } from '../events/event-log.ts';

/** A child that pushes until it is killed, and says on stdout what was acknowledged: `a <first id> <count> <position>`. */
const [dir, seed] = [process.argv[2]!, Number(process.argv[3])];
const source: SourceIR = { v: 1, kind: 'source', name: 's', owner: 'o', description: '', clock: 'event', keys: { k: 'int64' }, columns: { x: { type: 'float64' }, t: { type: 'string' } } };
const blobs = openBlobStore(`${dir}/blobs`);
const log = await openEventLog({ dir: `${dir}/events`, durability: 'process', blobs, sources: [source] });
const say = (text: string): void => void process.stdout.write(`${text}\n`);

let n = seed * 1_000_000;
const push = async (): Promise<void> => {
  for (;;) {
    const count = 1 + (n % 40);
    const from = n;
    n += count;
    const inputs = Array.from({ length: count }, (_, i): EventInput => ({ eventId: `e${from + i}`, keys: { k: i % 7 }, values: { x: from + i, t: 'text '.repeat(i) }, eventTime: from + i, publishedAt: from + i, retract: false }));
    const { position } = await log.append('s', inputs);
    say(`a ${from} ${count} ${position}`);
    // Each third batch is corrected at once: a retract and an assert that must stay together.
    if (from % 3 === 0) {
      await log.append('s', inputs.map((input) => ({ ...input, values: { x: -input.eventTime, t: null } })));
      say(`c ${from} ${count}`);
    }
  }
};
const seal = async (): Promise<void> => {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const raw of await log.seal()) {
      say(`s ${raw.hash} ${raw.sequences.from} ${raw.sequences.to}`);
      if (raw.sequences.to % 2 === 0) await log.forget([raw.hash]);
    }
  }
};
say('ready');
await Promise.all([push(), push(), push(), seal()]);
