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

const any = (rows) => table(Object.keys(rows[0]), rows.map((row) => Object.values(row).map(String)));

const TEXT = {
  limits: ['Drift rules with a limit law', 'False alarms on identical data, n and m from 50 to 100,000. ± is one Monte-Carlo standard error. Bins are merged to five expected rows; two categories are discrete, so small samples stay below the stated rate.', summary],
  dealt: ['Drift rules on dealt bins', 'The same for rules whose law is simulated by dealing the pooled rows again (99 replicates), always or where a bin expects fewer than 40 rows. Rare categories and two categories are discrete: their rates stay below.', summary],
  values: ['Drift rules over values', 'The same by permutation of values (19 replicates). The largest samples have few pairs, so their errors are wide: the rate is exact by exchangeability.', summary],
  presets: ['Other tools\' fixed thresholds', 'Share of false alarms on identical data, by reference / current size. `presetAlarms` computes the rule, `valuePresetRates` and `countPresetRates` its rate at any sizes.', presets],
  asymptotic: ['Asymptotic confidence sequence', 'Share of streams whose sequence (alpha 5 %, N* = 5,000) misses the mean at some look from n0 on, with a look at every value. Skewed, rare and autocorrelated streams show why n0 is declared and why rows that share a cause are pooled into slots.', misses],
  sequences: ['Sequences that are valid at every n', 'Share of streams whose evidence against the true mean reaches 1 / alpha at some look, with a look after every value. The stated rate is a bound over all streams of the class and all looks.', misses],
  detectors: ['Change detectors', 'Defaults of each detector. Alarms in 100,000 values without a change; median delay in values after a change at value 2,000 (an error rate of 20 % that doubles, a normal mean that moves by one deviation), sudden or over 1,000 values, and how many of 100 streams had no alarm within 3,000 values.', any],
};

export function render(sections) {
  const parts = Object.entries(sections).map(([name, rows]) => {
    const [title, text, show] = TEXT[name] ?? [name, '', any];
    return `## ${title}\n\n${text}${text === '' ? '' : '\n\n'}${show(rows)}`;
  });
  return `# Measured rates\n\nWritten by \`npm run bench -- calibration\` (seeded; one core, below ten minutes). All cells are in calibration.json.\n\n${parts.join('\n\n')}\n`;
}
