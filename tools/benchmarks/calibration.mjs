// The long simulations: measured false-alarm and miss rates, written to libs/statistics/calibration.json and CALIBRATION.md.
// Seeded by section, so some can be run again alone: METTLE_CALIBRATION=limits,values npm run bench -- calibration; none of them,
// METTLE_CALIBRATION= , writes the page anew from the committed cells.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createRandom, seedOf } from '@mettle/statistics';
import { render } from './calibration/render.mjs';
import { SECTIONS } from './calibration/sections.mjs';

const library = resolve(import.meta.dirname, '../../libs/statistics');
const path = join(library, 'calibration.json');

function committed() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

export async function run({ say }) {
  const only = process.env.METTLE_CALIBRATION?.split(',').filter((name) => name !== '');
  const strange = only?.find((name) => SECTIONS[name] === undefined);
  if (strange !== undefined) throw new Error(`no section '${strange}': ${Object.keys(SECTIONS).join(', ')}`);
  const cases = [];
  const measured = {};
  for (const [name, section] of Object.entries(SECTIONS)) {
    if (only !== undefined && !only.includes(name)) continue;
    const started = process.cpuUsage();
    measured[name] = section(createRandom(seedOf(`calibration/${name}`)), say);
    const { user, system } = process.cpuUsage(started);
    cases.push({ case: name, unit: 's', ours: (user + system) / 1e6 });
    say(`${name}: ${measured[name].length} rows, ${((user + system) / 1e6).toFixed(0)} s of CPU`);
  }
  const table = { ...committed(), ...measured };
  const rows = Object.entries(table).map(([name, list]) => `${JSON.stringify(name)}: [\n${list.map((row) => JSON.stringify(row)).join(',\n')}\n]`);
  writeFileSync(path, `{\n${rows.join(',\n')}\n}\n`);
  writeFileSync(join(library, 'CALIBRATION.md'), render(table));
  return cases;
}
