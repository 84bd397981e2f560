// One update of an asymptotic confidence sequence with 1M pairs: the losses of two models on the same rows.
import { createRandom, readAsymptotic, startAsymptotic, updateAsymptotic } from '@mettle/statistics';

const PAIRS = 1_000_000;

export async function run({ say }) {
  const random = createRandom(3);
  const champion = new Float64Array(PAIRS);
  const challenger = new Float64Array(PAIRS);
  for (let at = 0; at < PAIRS; at += 1) {
    champion[at] = random.next();
    challenger[at] = champion[at] + (random.next() - 0.501) * 0.1;
  }
  let best = Number.POSITIVE_INFINITY;
  let reading;
  for (let k = 0; k < 5; k += 1) {
    const started = performance.now();
    const differences = new Float64Array(PAIRS);
    for (let at = 0; at < PAIRS; at += 1) differences[at] = challenger[at] - champion[at];
    reading = readAsymptotic(updateAsymptotic(startAsymptotic({ alpha: 0.05, tunedFor: 5000, leastN: 100, sides: 'both', against: 0 }), differences));
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  say(`interval ${JSON.stringify(reading.interval)}`);
  return [{ case: 'update on 1M pairs', unit: 's', ours: best }];
}
