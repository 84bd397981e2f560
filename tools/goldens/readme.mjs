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

/** Rules of the calibration by the golden method that computes their distance or p-value. */
const RULES = {
  psi: ['psi'], psiWith: ['psi', 'psi, zeros evidently'], klDivergence: ['kullback-leibler'], jensenShannonDistance: ['jensen-shannon'], hellinger: ['hellinger'], totalVariation: ['total-variation'], lInfinity: ['l-infinity'], cramersV: ['cramers-v'],
  wasserstein: ['wasserstein-1'], wassersteinNormalised: ['wasserstein-1-normalised'], wassersteinBinned: ['binned-wasserstein-1'], energyDistance: ['energy'], binnedKs: ['binned-ks'],
  chiSquareLimit: ['psi', 'cramers-v'], dealtNull: ['jensen-shannon', 'kullback-leibler', 'hellinger', 'psi, zeros evidently', 'total-variation', 'l-infinity', 'binned-ks', 'binned-wasserstein-1'],
  ksTest: ['ksTest, exact', 'ksTest, asymptotic'], mannWhitneyTest: ['mannWhitneyTest'], cramerVonMisesTest: ['cramerVonMisesTest'], andersonDarlingTest: ['andersonDarlingTest'], permutationTest: ['permutationTest'], fisherTest: ['fisherTest'], twoProportionsTest: ['twoProportionsTest'],
  chiSquareTest: ['chiSquareTest'], chiSquareMerged: ['chiSquareTest, merged below 5'], chiSquareDealt: ['chiSquareTest, dealt below 5'], gTest: ['gTest'], gDealt: ['gTest, dealt below 5'],
};
/** Intervals of the calibration whose limits or standard error the golden method gives. */
const INTERVALS = { wilsonInterval: 'wilsonInterval', clopperPearsonInterval: 'clopperPearsonInterval', newcombeInterval: 'newcombeInterval', tInterval: 'tInterval', welchInterval: 'welchInterval', aucVariance: 'aucInterval', aucDifference: 'aucDifference', bcaLimits: 'bcaInterval', movingBlockInterval: 'movingBlockInterval', estimatePerformance: 'estimatePerformance', estimateMulticlass: 'estimateMulticlass' };
/** Sequences: the names of the calibration's methods are the descriptors'. */
const SEQUENCES = {
  normalMixture: 'normal-mixture', normalMixtureSequence: 'normal-mixture', empiricalBernsteinSequence: 'empirical-bernstein', gammaExponential: 'empirical-bernstein', bettingSequence: 'hedged-betting',
  betaBinomialLog: 'beta-binomial-mixture', betaBinomialSequence: 'beta-binomial-mixture', oneSidedBetaLog: 'quantile-difference', quantileDifferenceSequence: 'quantile-difference',
  sampleRatioPower: 'sample-ratio-mismatch', sampleRatioDetectable: 'sample-ratio-mismatch',
};
const CORRECTIONS = { bonferroni: 'family-wise', holm: 'family-wise', benjaminiHochberg: 'discovery' };
const DETECTORS = { changeDetectors: ['adwin', 'ddm', 'eddm', 'pageHinkley', 'cusum'], kswinDelay: ['kswin'] };
/** Why a method has no rate of its own. */
const NO_RATE = [
  [/^(beta|chiSquare|t|normal)(Cdf|Sf|Quantile|UpperQuantile)$|^(binomial|logGamma|cramerVonMisesSf|kolmogorovFiniteSf|kolmogorovSf|kolmogorovUpperQuantile|smirnovSf)$/, 'none: a distribution function'],
  [/(Edges|^profileValues)$/, 'none: a summary'],
  [/^(calibrationError|isotonic|longRunVariance)$/, 'none: a point estimate'],
  [/(Power|Detectable|Size)$/, 'none: the power of a rule'],
  [/Preset$/, 'fixed thresholds, 0 to 100 % by size: CALIBRATION.md'],
  [/^asymptoticSequence$/, 'by n0 and stream: CALIBRATION.md'],
];

/** Kolmogorov-Smirnov takes its limit beyond 10,000 values only. */
const asChosen = ({ rule, n, m }) => rule !== 'ksTest, asymptotic' || Math.max(n, m) > 10_000;

/** Lowest to highest with the error of the highest. */
function range(rows, word = '') {
  const worst = rows.reduce((most, row) => (row.rate > most.rate ? row : most));
  return `${word}${percent(Math.min(...rows.map((row) => row.rate)))} to ${percent(worst.rate)} ± ${(100 * worst.standardError).toFixed(1)} at 5 %`;
}

/** The range over all sizes and populations. @throws Error for a method without a rate and without a reason */
function measured(method) {
  const at5 = (row) => row.alpha === 0.05;
  const rules = RULES[method] ?? [];
  const sections = method === 'chiSquareLimit' ? ['limits'] : ['limits', 'dealt', 'values', 'tests'];
  const rows = sections.flatMap((section) => calibration[section] ?? []).filter((row) => rules.includes(row.rule) && at5(row) && asChosen(row));
  if (rows.length > 0) return range(rows);
  const missed = ['intervals', 'performance'].flatMap((section) => calibration[section] ?? []).filter((row) => row.method === INTERVALS[method] && at5(row));
  if (missed.length > 0) return range(missed, 'misses ');
  const sequence = (calibration.sequences ?? []).filter((row) => row.method === SEQUENCES[method]);
  if (sequence.length > 0) return `misses ${sequence.map((row) => `${percent(row.rate)} (${row.population})`).join(', ')} at 5 %`;
  const families = (calibration.families ?? []).filter((row) => row.method === method && row.controls === CORRECTIONS[method] && at5(row));
  if (families.length > 0) return range(families, method === 'benjaminiHochberg' ? 'false discoveries ' : 'family-wise ');
  const streams = (calibration.generators ?? []).filter((row) => (DETECTORS[method] ?? []).includes(row.detector));
  if (streams.length > 0) return `alarms per 100k on SEA, STAGGER: ${DETECTORS[method].map((name) => `${name} ${streams.filter((row) => row.detector === name).map((row) => row.ours.falseAlarmsPer100k.mean.toFixed(1)).join(', ')}`).join('; ')}`;
  const reason = NO_RATE.find(([names]) => names.test(method))?.[1];
  if (reason === undefined) throw new Error(`${method} has neither a measured rate nor a reason for none`);
  return reason;
}

/** Draws of its own are all of it, so only its rate can be checked. */
const DRAWN = ['movingBlockInterval'];

const lines = [...Object.keys(goldens), ...DRAWN].sort().map((method) => {
  if (DRAWN.includes(method)) return `| ${method} | its rate alone |  |  | ${measured(method)} |`;
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
