// The method table of libs/statistics/README.md, from the errors of the last test run and the committed calibration:
//   npx vitest run --root libs/statistics && node tools/goldens/readme.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const library = resolve(import.meta.dirname, '../../libs/statistics');
const read = (name) => JSON.parse(readFileSync(join(library, name), 'utf8'));
// A function checked in both files keeps the larger error.
const goldens = { ...read('test-results/goldens.json') };
for (const [name, row] of Object.entries(read('test-results/distributions.json'))) {
  const other = goldens[name];
  goldens[name] = other === undefined ? row : { authority: [...new Set([...other.authority, ...row.authority])], cases: other.cases + row.cases, largest: Math.max(other.largest, row.largest) };
}
const calibration = read('calibration.json');
const percent = (rate) => `${(100 * rate).toFixed(1)} %`;
const exponent = (error) => (error === 0 ? '0' : error.toExponential(0));

/** Checked against enumeration by seeded deals: their error is the Monte-Carlo one. */
const SIMULATED = new Set(['dealtNull', 'chiSquareDealt', 'gDealt']);

/** Rules of the calibration by the golden method that computes their distance. */
const RULES = {
  psiWith: ['psi', 'psi, zeros evidently'], klDivergence: ['kullback-leibler'], jensenShannonDistance: ['jensen-shannon'], hellinger: ['hellinger'], totalVariation: ['total-variation'], lInfinity: ['l-infinity'], cramersV: ['cramers-v'],
  wasserstein: ['wasserstein-1'], wassersteinNormalised: ['wasserstein-1-normalised'], wassersteinBinned: ['binned-wasserstein-1'], energyDistance: ['energy'], binnedKs: ['binned-ks'],
};
/** Sequences by golden method: the names of the calibration's methods are the descriptors'. */
const SEQUENCES = { normalMixture: 'normal-mixture', empiricalBernstein: 'empirical-bernstein', betting: 'hedged-betting', betaBinomial: 'beta-binomial-mixture', sampleRatio: 'sample-ratio-mismatch' };

/** The range over all sizes and populations, of the cells with at least 1,000 pairs. */
function measured(method) {
  const rules = RULES[method] ?? [];
  const rows = ['limits', 'dealt', 'values'].flatMap((section) => calibration[section] ?? []).filter((row) => rules.includes(row.rule) && row.alpha === 0.05 && row.runs >= 1000);
  if (rows.length > 0) {
    const worst = rows.reduce((most, row) => (row.rate > most.rate ? row : most));
    return `${percent(Math.min(...rows.map((row) => row.rate)))} to ${percent(worst.rate)} ± ${(100 * worst.standardError).toFixed(1)} at 5 %`;
  }
  const sequence = Object.entries(SEQUENCES).find(([stem]) => method.toLowerCase().includes(stem.toLowerCase()))?.[1];
  const misses = (calibration.sequences ?? []).filter((row) => row.method === sequence);
  if (misses.length > 0) return `misses ${misses.map((row) => `${percent(row.rate)} (${row.population})`).join(', ')} at 5 %`;
  if (/^asymptotic|confidenceSequence/i.test(method)) return 'by n0 and stream: CALIBRATION.md';
  return '';
}

const lines = Object.keys(goldens).sort().map((method) => {
  const { authority, cases, largest } = goldens[method];
  return `| ${method} | ${authority.join('; ')} | ${cases} | ${SIMULATED.has(method) ? 'within 4 Monte-Carlo errors' : exponent(largest)} | ${measured(method)} |`;
});
const table = ['| Method | Authority | Cases | Largest relative error seen | Measured false-alarm rate |', '|---|---|---|---|---|', ...lines].join('\n');
const path = join(library, 'README.md');
const text = readFileSync(path, 'utf8');
const marks = /(<!-- methods -->\n)[\s\S]*?(<!-- \/methods -->)/;
if (!marks.test(text)) throw new Error('README.md has no place for the table: <!-- methods --> ... <!-- /methods -->');
writeFileSync(path, text.replace(marks, (_, open, close) => `${open}${table}\n${close}`));
process.stdout.write(`${lines.length} methods\n`);
