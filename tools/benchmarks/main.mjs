// npm run bench -- <name> [--peer] [--json]: runs tools/benchmarks/<name>.mjs, which says what it measures.
//   --peer  installs the peer in its own virtual environment, runs it on the same data and prints the ratio
//   --json  the last line is one JSON object; a ratio above 1 means that ours is better
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { peerPython } from './peer/python.mjs';

const folder = import.meta.dirname;
const known = readdirSync(folder).filter((name) => name.endsWith('.mjs') && name !== 'main.mjs').map((name) => name.slice(0, -4)).sort();
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const strange = flags.find((flag) => flag !== '--peer' && flag !== '--json');
const [name] = names;
if (names.length !== 1 || !known.includes(name) || strange !== undefined) {
  process.stderr.write(`${strange === undefined ? (name === undefined ? 'name a benchmark' : `unknown benchmark '${names.join(' ')}'`) : `unknown option '${strange}'`}\nusage: npm run bench -- <name> [--peer] [--json]\nknown: ${known.join(', ')}\n`);
  process.exit(2);
}

const say = (text) => process.stderr.write(`${text}\n`);
const requirements = join(folder, 'peer', `${name}.requirements.txt`);
let peer = null;
if (flags.includes('--peer')) {
  if (existsSync(requirements)) peer = peerPython(name, requirements, say);
  else say(`${name} has no peer`);
}

/** A benchmark returns its cases: { case, unit, ours, peer, better?: 'less' (default) | 'more' }. */
const { run } = await import(`./${name}.mjs`);
const cases = (await run({ peer, say })).map(({ better = 'less', ...one }) => ({
  case: one.case, unit: one.unit, ours: one.ours, peer: one.peer ?? null,
  ratio: one.peer === null || one.peer === undefined ? null : better === 'less' ? one.peer / one.ours : one.ours / one.peer,
}));
const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
const show = (value) => (value === null ? '-' : Number(value.toPrecision(4)).toString());
for (const one of cases) process.stdout.write(`${one.case}: ${show(one.ours)} ${one.unit}${one.peer === null ? '' : `, peer ${show(one.peer)} ${one.unit}, ratio ${show(one.ratio)}`}\n`);
process.stdout.write(`peak memory ${rssMb} MB\n`);
if (flags.includes('--json')) process.stdout.write(`${JSON.stringify({ name, cases, rssMb })}\n`);
