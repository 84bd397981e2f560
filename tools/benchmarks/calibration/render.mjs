// CALIBRATION.md from the table of calibration.json: one line per rule with its worst cell, and the rates in full where they are read.
const percent = (rate) => `${(100 * rate).toFixed(rate > 0 && rate < 0.001 ? 2 : 1)} %`;
const withError = ({ rate, standardError }) => `${percent(rate)} ± ${(100 * standardError).toFixed(2)}`;
const size = (count) => (count >= 1000 ? `${count / 1000}k` : String(count));
const table = (head, rows) => [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
const groups = (rows, keyOf) => [...Map.groupBy?.(rows, keyOf) ?? rows.reduce((map, row) => map.set(keyOf(row), [...(map.get(keyOf(row)) ?? []), row]), new Map())];

/** Lowest and highest rate of each rule at each stated rate, over the grid. */
function summary(rows) {
  return table(['Rule', 'Population', 'States', 'Lowest', 'at n / m', 'Highest', 'at n / m', 'Cells'], groups(rows, (row) => [row.rule, row.population, row.alpha].join('|')).map(([, cells]) => {
    const sorted = [...cells].sort((a, b) => a.rate - b.rate);
    const [low, high] = [sorted[0], sorted.at(-1)];
    return [low.rule, low.population, percent(low.alpha), withError(low), `${size(low.n)} / ${size(low.m)}`, withError(high), `${size(high.n)} / ${size(high.m)}`, cells.length];
  }));
}

function presets(rows) {
  return groups(rows, (row) => row.population).map(([population, cells]) => {
    const sizes = [...new Set(cells.map((row) => `${size(row.n)} / ${size(row.m)}`))];
    const lines = groups(cells, (row) => row.preset).map(([preset, of]) => [preset, ...sizes.map((one) => { const row = of.find((cell) => `${size(cell.n)} / ${size(cell.m)}` === one); return row === undefined ? '' : percent(row.rate); })]);
    return `### ${population}\n\n${table(['Preset', ...sizes], lines)}`;
  }).join('\n\n');
}

function misses(rows) {
  const n0 = [...new Set(rows.map((row) => row.n0))];
  return table(['Sequence', 'Stream', 'Looks until', ...n0.map((n) => `from n0 = ${n}`)], groups(rows, (row) => [row.method, row.population].join('|')).map(([, cells]) => [cells[0].method, cells[0].population, cells[0].until, ...n0.map((n) => { const row = cells.find((cell) => cell.n0 === n); return row === undefined ? '' : withError(row); })]));
}

/** Every size of a method on one population in one line; two columns of rates. */
function intervals(rows) {
  const levels = [...new Set(rows.map((row) => row.alpha))];
  const sizes = ({ n, m }) => (m === null ? size(n) : `${size(n)} / ${size(m)}`);
  return table(['Interval', 'Population', ...levels.map((alpha) => `misses at ${percent(alpha)}`)], groups(rows, (row) => [row.method, row.population].join('|')).map(([, cells]) => [
    cells[0].method, cells[0].population, ...levels.map((alpha) => cells.filter((row) => row.alpha === alpha).map((row) => `${sizes(row)}: ${withError(row)}`).join('; '))]));
}

function families(rows) {
  const columns = [...new Set(rows.map((row) => `${row.controls}|${row.alpha}`))];
  return table(['Correction', 'Family', ...columns.map((column) => { const [controls, alpha] = column.split('|'); return `${controls === 'discovery' ? 'false discoveries' : 'family-wise'} at ${percent(Number(alpha))}`; })], groups(rows, (row) => [row.method, row.family].join('|')).map(([, cells]) => [
    cells[0].method, cells[0].family, ...columns.map((column) => withError(cells.find((row) => `${row.controls}|${row.alpha}` === column)))]));
}

const figure = (of, digits = 0) => (of === null ? '-' : `${of.mean.toFixed(digits)}${of.standardError === null ? '' : ` ± ${of.standardError.toFixed(digits)}`}`);
const found = (of) => `${of.detected} of ${of.of}, ${figure(of.delay)}`;

function generators(rows) {
  return table(['Detector', 'Generator', 'False alarms per 100k', 'River', 'Sudden: found, delay', 'River', 'Gradual: found, delay', 'River', 'Alarms'], rows.map(({ detector, generator, ours, river, sameAlarms }) => {
    const beside = (show) => [show(ours), river === null ? '' : show(river)];
    return [detector, generator, ...beside((one) => figure(one.falseAlarmsPer100k, 1)), ...beside((one) => found(one.sudden)), ...beside((one) => found(one.gradual)), sameAlarms === null ? 'River has none' : sameAlarms ? 'the same rows' : 'another draw'];
  }));
}

function policy(rows) {
  return table(['Bound', 'Slots within', 'Slots', 'Equal: promoted in 4 weeks', 'in 12', 'Better: promoted in 4 weeks', 'in 12', 'median week'], rows.map((row) => [row.method, row.bounds, row.stream, ...[row.falseIn4, row.falseIn12, row.decidedIn4, row.decidedIn12].map(withError), row.medianWeeks ?? 'after 12']));
}

const any = (rows) => table(Object.keys(rows[0]), rows.map((row) => Object.values(row).map(String)));

const TEXT = {
  limits: ['Drift rules with a limit law', 'False alarms on identical data, n and m from 50 to 100,000. ± is one Monte-Carlo standard error. Bins are merged to five expected rows; where they then expect fewer than 15 on average, PSI deals them again (99 replicates). Two categories are discrete, so small samples stay below the stated rate.', summary],
  dealt: ['Drift rules on dealt bins', 'The same for rules whose law is simulated by dealing the pooled rows again (99 replicates), always or where a bin expects fewer than 40 rows. Rare categories and two categories are discrete: their rates stay below.', summary],
  values: ['Drift rules over values', 'The same by permutation of values (19 replicates), of splits of pools of the population. The rate is also exact by an argument: each replicate is the distance of an equally likely split of the same pool (calibration.spec.ts holds both halves of that, with a pool of 100,000 and with every split of a small one), so the observed distance is the largest of 20 once in 20 pairs, at any n and m.', summary],
  tests: ['Two-sample tests', 'Share of pairs of one population with a p-value of at most the level, n and m from 8 to 10,000 (Kolmogorov-Smirnov to 100,000; it is exact up to 10,000 unless asked otherwise). Exact tests of ties and of counts are discrete and stay below. The plain chi-square and G limits do not keep their rate on rare categories, which is why tables that expect fewer than five rows are merged or dealt again; G is liberal even when merged. Anderson-Darling is SciPy\'s, whose variance ignores ties: up to 3 points too many there.', summary],
  families: ['Corrections', 'Families of 20 one-sided z tests: share with any false discovery, and mean share of false ones among the discoveries. Benjamini-Hochberg states the second alone.', families],
  intervals: ['Intervals', 'Share of experiments whose interval does not hold the truth, by n or n / m (positives / negatives for AUC). Student\'s t on skewed values, DeLong\'s normal limit near an AUC of 1, the bootstrap of few values and blocks too short for their correlation or too long for the series show where the stated rate needs more data.', intervals],
  performance: ['Performance without labels', 'Share of experiments whose realised metric lies outside the interval that was estimated without labels, by rows, when scores are calibrated; three classes for estimateMulticlass.', intervals],
  presets: ['Other tools\' fixed thresholds', 'Share of false alarms on identical data, by reference / current size. `presetAlarms` computes the rule, `valuePresetRates` and `countPresetRates` its rate at any sizes.', presets],
  asymptotic: ['Asymptotic confidence sequence', 'Share of streams whose sequence (alpha 5 %, N* = 5,000) misses the mean at some look from n0 on, with a look at every value. Skewed, rare and autocorrelated streams show why n0 is declared and why rows that share a cause are pooled into slots.', misses],
  sequences: ['Sequences that are valid at every n', 'Share of streams whose evidence against the true mean reaches 1 / alpha at some look, with a look after every value. The stated rate is a bound over all streams of the class and all looks.', misses],
  generators: ['Change detectors on SEA and STAGGER', 'Errors of an online naive Bayes learner (tools/goldens/detector_streams.py), River 0.26.1 beside ours on the same streams, defaults of each. Ten streams of 50,000 rows without a change (KSWIN: 5,000); 24 that change at row 3,000 of 6,000, at once or over about 1,000 rows. Delays are rows from there to the first alarm after it, which a false alarm may be; ± is one standard error over streams. KSWIN draws at random and with another generator.', generators],
  detectors: ['Change detectors on plain streams', 'Defaults of each detector. Alarms in 100,000 values without a change; median delay in values after a change at value 2,000 (an error rate of 20 % that doubles, a normal mean that moves by one deviation), sudden or over 1,000 values, and how many of 100 streams had no alarm within 3,000 values.', any],
  policy: ['Bounds for promotion', 'A candidate is promoted at the first weekly look (56 slots) whose one-sided bound at 5 % proves its mean loss difference below 0: equal candidates, and ones better by a third of a slot\'s deviation (.01 of .03). Lag-one correlation of slots .45. The loss itself lies within ±1; ±0.25 is what slots of it usually keep, which no policy can promise.', policy],
};

export function render(sections) {
  const parts = Object.keys(TEXT).filter((name) => sections[name] !== undefined).map((name) => {
    const rows = sections[name];
    const [title, text, show] = TEXT[name];
    return `## ${title}\n\n${text}\n\n${show(rows)}`;
  });
  return `# Measured rates\n\nWritten by \`npm run bench -- calibration\` (seeded; one core, about twelve minutes). All cells are in calibration.json.\n\n${parts.join('\n\n')}\n`;
}
