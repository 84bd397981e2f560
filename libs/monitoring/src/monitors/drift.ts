import { versionKey } from '@mettle/contracts';
import type { ColumnProfile, DriftMetric, Monitor, MonitorResult, Profile, Task } from '@mettle/contracts';
import { benjaminiHochberg, seedOf } from '@mettle/statistics';
import { sqlString } from '@mettle/duckdb';
import { tableWithin } from '../tables.ts';
import { compareColumns } from './compare-columns.ts';
import { resultOf } from './context.ts';
import type { RunMonitorsInput } from './context.ts';
import { servedService } from './served-service.ts';
import { profileNew, profileTable } from '@mettle/datasets';

const windowOf = (input: RunMonitorsInput, monitor: Monitor): { from: number; to: number } => ({ from: input.watermark - monitor.window, to: input.watermark });

/** `wind` and `f_wind` are the same feature: tables carry the prefix, profiles may. */
export const featureName = (name: string): string => (name.startsWith('f_') ? name.slice(2) : name);

/**
 * Judges one distance per column: a breach is at least the floor, and significant after Benjamini-Hochberg over the
 * columns of the run. `pValue` is the adjusted one; `threshold` is the larger of the floor and the value that chance
 * exceeds at the monitor's alpha.
 */
export function judgeDrift(monitor: Monitor, input: Pick<RunMonitorsInput, 'champion' | 'watermark'>, pairs: readonly { column: string | null; reference: ColumnProfile; current: ColumnProfile }[]): MonitorResult[] {
  // `checkPlan` admits these metrics only.
  const metric = monitor.metric as DriftMetric;
  const fit = pairs.filter(({ reference }) => metric !== 'ks' || reference.edges !== null);
  const measured = fit.map((pair) => ({
    ...pair, distance: compareColumns(metric, pair.reference, pair.current, { alpha: monitor.alpha, columns: fit.length, seed: seedOf(`${monitor.name}/${pair.column ?? ''}/${input.watermark}`) }),
  }));
  const adjusted = benjaminiHochberg(measured.map(({ distance }) => distance?.pValue ?? 1));
  return measured.map(({ column, reference, current, distance }, at) => {
    const rows = { reference: reference.rows, current: current.rows };
    if (distance === null) return resultOf(monitor, input, { column, rows, reason: 'too few rows to compare' });
    const pValue = adjusted[at] ?? 1;
    const breach = distance.value >= monitor.floor && distance.value > 0 && pValue <= monitor.alpha;
    return resultOf(monitor, input, { column, rows: distance.rows, value: distance.value, threshold: Math.max(monitor.floor, distance.threshold), pValue, state: breach ? 'breach' : 'ok' });
  });
}

/** The current profile of the champion's inputs over a window, with the reference's edges; null without rows. */
export async function profileInputs(input: RunMonitorsInput, reference: Profile, window: { from: number; to: number }): Promise<CurrentProfile> {
  const { db, blobs, catalogue } = input;
  const service = await servedService(input, window);
  if (service === null) return null;
  const vectors = await tableWithin(blobs, catalogue, 'vectors', window, service);
  const present = new Set((await db.all<{ column_name: string }>(`DESCRIBE SELECT * FROM ${vectors}`)).map(({ column_name: name }) => name));
  const wanted = reference.columns.filter(({ role, segment, name }) => role === 'input' && segment === null && present.has(`f_${featureName(name)}`)).map((column) => ({ reference: column, column: `f_${featureName(column.name)}` }));
  const columns = await profileTable(db, `(SELECT * FROM ${vectors} WHERE "at" >= ${window.from} AND "at" < ${window.to})`, wanted);
  const rows = columns[0]?.rows ?? 0;
  return rows === 0 ? null : { columns, rows };
}

type CurrentProfile = { columns: ColumnProfile[]; rows: number } | null;
/** Windows that were scanned at this watermark, by length: two monitors of one window scan once. */
export type InputProfiles = Map<number, CurrentProfile>;

/** Input drift against the profile of the champion's snapshot. */
export async function inputDrift(input: RunMonitorsInput, monitor: Monitor, reference: Profile | null, scanned: InputProfiles = new Map()): Promise<{ results: MonitorResult[]; profile: Profile | null }> {
  if (reference === null) return { results: [resultOf(monitor, input, { reason: 'the champion has no reference profile' })], profile: null };
  const window = windowOf(input, monitor);
  const current = scanned.get(monitor.window) ?? (await profileInputs(input, reference, window));
  scanned.set(monitor.window, current);
  if (current === null) return { results: [resultOf(monitor, input, { reason: 'no prediction in the window' })], profile: null };
  const chosen = current.columns.filter(({ name }) => monitor.columns.length === 0 || monitor.columns.map(featureName).includes(featureName(name)));
  const pairs = chosen.flatMap((column) => {
    const known = reference.columns.find(({ name, role, segment }) => name === column.name && role === 'input' && segment === null);
    return known === undefined ? [] : [{ column: featureName(column.name), reference: known, current: column }];
  });
  const profile: Profile = { v: 1, subject: { endpoint: input.plan.endpoint, version: input.champion, arm: 'champion', ...window }, columns: current.columns };
  return { results: judgeDrift(monitor, input, pairs), profile };
}

const SHARES = Array.from({ length: 21 }, (_, k) => k / 20);
/** Bins of a task's score `p`; null: those of the reference window, since its range is the label's own. */
const SCORE_EDGES: Readonly<Record<Task, number[] | null>> = { binary: SHARES, multiclass: SHARES, regression: null, ranking: null };

/**
 * Output drift: the champion's scores in the window against its scores in a window of the same length when it became
 * champion (its last shadow and challenge rows, or else its first served ones): over twenty equal bins of [0, 1] for
 * probabilities, over the reference's quantiles for values.
 */
export async function outputDrift(input: RunMonitorsInput, monitor: Monitor): Promise<MonitorResult[]> {
  const window = windowOf(input, monitor);
  const rowsOf = async (range: { from: number; to: number }): Promise<string> => {
    const predictions = await tableWithin(input.blobs, input.catalogue, 'predictions', range);
    return `(SELECT p FROM ${predictions} WHERE version = ${sqlString(versionKey(input.champion))} AND error IS NULL AND "at" >= ${range.from} AND "at" < ${range.to})`;
  };
  const edges = SCORE_EDGES[input.plan.model.task];
  const empty: ColumnProfile = { name: 'p', role: 'output', segment: null, rows: 0, nulls: 0, nans: 0, underflow: 0, overflow: 0, edges, bins: [], categories: null, unseen: 0, min: null, max: null, sums: [] };
  const like = async (reference: ColumnProfile, range: { from: number; to: number }): Promise<ColumnProfile> => (await profileTable(input.db, await rowsOf(range), [{ reference, column: 'p' }]))[0] ?? empty;
  const first = async (range: { from: number; to: number }): Promise<ColumnProfile> =>
    edges !== null ? like(empty, range) : ((await profileNew(input.db, await rowsOf(range), [{ name: 'p', column: 'p', role: 'output', category: false }]))[0] ?? empty);
  const beforeIt = await first({ from: input.championSince - monitor.window, to: input.championSince });
  const reference = beforeIt.rows > 0 ? beforeIt : await first({ from: input.championSince, to: input.championSince + monitor.window });
  if (beforeIt.rows === 0 && window.from < input.championSince + monitor.window) return [resultOf(monitor, input, { reason: 'the reference window is not over' })];
  const current = await like(reference, window);
  if (current.rows === 0) return [resultOf(monitor, input, { reason: 'no prediction in the window' })];
  return judgeDrift(monitor, input, [{ column: null, reference, current }]);
}
