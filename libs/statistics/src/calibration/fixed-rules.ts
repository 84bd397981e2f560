import { drawMultinomial } from '../discrete-draws.ts';
import type { Random } from '../random.ts';
import { falseAlarmRates } from '../thresholds/false-alarm-rate.ts';
import { COUNT_PRESETS, EVIDENTLY_KS, EVIDENTLY_WASSERSTEIN, VALUE_PRESETS, presetAlarms } from '../thresholds/presets.ts';
import type { Sizes } from './drift-rules.ts';
import type { Population, Shape } from './populations.ts';
import { drawValues } from './populations.ts';

/** The measured rate of another tool's fixed rule: what to print beside it. */
export interface PresetRow {
  readonly preset: string;
  readonly population: string;
  readonly n: number;
  readonly m: number;
  readonly rate: number;
  readonly standardError: number;
  readonly runs: number;
}

/** A standard deviation of fewer chunks says nothing, and more are slow, because each is scored: outside, NannyML's presets are left out. */
const CHUNKS = { least: 5, most: 20 };

/** How often the presets over values alarm on two samples of `population`; Evidently's own choice by reference size is a row of its own. */
export function valuePresetRates(population: Population, { n, m }: Sizes, runs: number, random: Random): PresetRow[] {
  const next = population.sampler(random);
  const presets = VALUE_PRESETS.filter((preset) => preset.threshold !== null || (n / m >= CHUNKS.least && n / m <= CHUNKS.most));
  const rules = presets.map((preset) => (a: ArrayLike<number>, b: ArrayLike<number>) => presetAlarms(preset, a, b));
  const rates = falseAlarmRates(rules, () => [drawValues(next, n), drawValues(next, m)], runs);
  const rows = presets.map((preset, at) => ({ preset: preset.name, population: population.name, n, m, ...(rates[at] as (typeof rates)[number]) }));
  const chosen = rows.find((row) => row.preset === (n > 1000 ? EVIDENTLY_WASSERSTEIN : EVIDENTLY_KS).name);
  return chosen === undefined ? rows : [{ ...chosen, preset: 'evidently/default' }, ...rows];
}

/** The same over category counts. */
export function countPresetRates(shape: Shape, { n, m }: Sizes, runs: number, random: Random): PresetRow[] {
  const draw = (size: number): number[] => {
    const counts: number[] = [];
    drawMultinomial(random, shape.shares, size, counts);
    return counts;
  };
  const presets = COUNT_PRESETS.filter((preset) => preset.name !== 'evidently/z' || shape.shares.length === 2);
  const rates = falseAlarmRates(presets.map((preset) => (a: readonly number[], b: readonly number[]) => presetAlarms(preset, a, b)), () => [draw(n), draw(m)], runs);
  return presets.map((preset, at) => ({ preset: preset.name, population: shape.name, n, m, ...(rates[at] as (typeof rates)[number]) }));
}
