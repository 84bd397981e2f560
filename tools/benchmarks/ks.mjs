// Exact two-sample KS (with its p-value) and Wasserstein-1 of 10M + 10M doubles; the peer is SciPy on the same files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, ksTest, wasserstein } from '@mettle/statistics';

const ROWS = 10_000_000;

/** Continuous values by a sum of uniforms: nearly normal, no ties, quick to make. */
function sample(seed, shift) {
  const random = createRandom(seed);
  const values = new Float64Array(ROWS);
  for (let at = 0; at < ROWS; at += 1) values[at] = random.next() + random.next() + random.next() + random.next() - 2 + shift;
  return values;
}

/** The better of two runs: the first also compiles. */
function timed(work) {
  let best = Number.POSITIVE_INFINITY;
  let answer;
  for (let k = 0; k < 2; k += 1) {
    const started = performance.now();
    answer = work();
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  return { seconds: best, answer };
}

const near = (got, want, limit) => Math.abs(got - want) <= limit * Math.abs(want);

export async function run({ peer, say }) {
  say(`making 2 x ${ROWS} values`);
  const x = sample(1, 0);
  const y = sample(2, 0.0002);
  const ks = timed(() => ksTest(x, y));
  const area = timed(() => wasserstein(x, y));
  let theirs = null;
  if (peer !== null) {
    const folder = mkdtempSync(join(tmpdir(), 'mettle-bench-'));
    try {
      writeFileSync(join(folder, 'x.bin'), x);
      writeFileSync(join(folder, 'y.bin'), y);
      theirs = peer('ks.py', [join(folder, 'x.bin'), join(folder, 'y.bin')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    if (!near(ks.answer.statistic, theirs.ks.statistic, 1e-10) || !near(ks.answer.pValue, theirs.ks.pValue, 1e-6) || !near(area.answer.value, theirs.wasserstein.value, 1e-9))
      throw new Error(`the answers differ: ${JSON.stringify({ ks: ks.answer, wasserstein: area.answer, theirs })}`);
    say(`same answers: D = ${ks.answer.statistic}, p = ${ks.answer.pValue}, W = ${area.answer.value}`);
  }
  return [
    { case: 'KS', unit: 's', ours: ks.seconds, peer: theirs?.ks.seconds },
    { case: 'Wasserstein', unit: 's', ours: area.seconds, peer: theirs?.wasserstein.seconds },
  ];
}
