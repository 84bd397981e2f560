import { describe, expect, it } from 'vitest';
import { DAY_US, Incident, hashOf } from '@mettle/contracts';
import type { MonitorResult } from '@mettle/contracts';
import { entity, featureService, featureView, float64, latest, serviceDefinition, source } from '@mettle/feature-language';
import { monitorOf, resultAt } from '../testing/results.ts';
import { ENDPOINT } from '../testing/world.ts';
import { foldIncidents } from './fold.ts';
import { rankSuspects } from './suspects.ts';

const monitors = [monitorOf(), monitorOf({ name: 'drift', kind: 'inputDrift', metric: 'psi', floor: 0.1, hysteresis: { k: 1, n: 2, closeBelow: 0.8 } })];

/** Lives through days: folds after each one, and tells what opened and closed when. */
function live(results: readonly MonitorResult[]): { opened: [number, string][]; closed: number[]; open: Incident[] } {
  let open: Incident[] = [];
  const opened: [number, string][] = [];
  const closed: number[] = [];
  const days = [...new Set(results.map(({ at }) => at))].sort((a, b) => a - b);
  for (const at of days) {
    const step = foldIncidents({ endpoint: ENDPOINT, watermark: at, monitors, history: results.filter((one) => one.at <= at), open, suspects: () => [] });
    opened.push(...step.opened.map((incident): [number, string] => [at / DAY_US, incident.kind]));
    closed.push(...step.closed.map(({ closedAt }) => (closedAt ?? 0) / DAY_US));
    open = step.open;
  }
  return { opened, closed, open };
}
const days = (levels: readonly (number | null)[], over: Partial<MonitorResult> = {}, from = 1): MonitorResult[] => levels.map((level, k) => resultAt(from + k, level, over));

describe('foldIncidents', () => {
  it('opens at the second breach of three and not at one', () => {
    expect(live(days([0.5, 1.2, 0.5, 0.5, 1.2, 0.5])).opened).toEqual([]);
    expect(live(days([0.5, 1.2, 0.9, 1.2])).opened).toEqual([[4, 'performance']]);
  });

  it('closes only when the last three lie below the lower threshold', () => {
    expect(live(days([1.5, 1.5, 0.9, 0.9, 0.9, 0.9])).closed).toEqual([]);
    expect(live(days([1.5, 1.5, 0.9, 0.7, 0.7, 0.7])).closed).toEqual([6]);
  });

  it('is not closed by results that could not be judged, nor opened by them', () => {
    expect(live(days([1.5, 1.5, null, null, null, null])).open).toHaveLength(1);
    expect(live(days([null, null, null])).opened).toEqual([]);
  });

  it('keeps one incident per kind, however many columns drift, and closes it when all are calm', () => {
    const drift = { monitor: 'drift', kind: 'inputDrift', metric: 'psi' } as const;
    const both = [...days([2, 0.5, 0.5, 0.5], { ...drift, column: 'wind' }), ...days([1, 2, 0.9, 0.5], { ...drift, column: 'rain' })];
    const lived = live(both);
    expect(lived.opened).toEqual([[1, 'inputDrift']]);
    expect(lived.closed).toEqual([]);
    expect(live([...both, ...days([0.5, 0.5], { ...drift, column: 'wind' }, 5), ...days([0.5, 0.5], { ...drift, column: 'rain' }, 5)]).closed).toEqual([5]);
  });

  it('starts anew with another champion, and forgets columns that it does not read', () => {
    const second = { version: { model: 'm', version: 2 } };
    expect(live([...days([0.5, 1.5]), ...days([1.5], second, 3)]).opened).toEqual([]);
    const drift = { monitor: 'drift', kind: 'inputDrift', metric: 'psi' } as const;
    const lived = live([...days([2, 2], { ...drift, column: 'old' }), ...days([0.5, 0.5], { ...drift, ...second, column: 'new' }, 3)]);
    expect(lived.opened).toHaveLength(1);
    expect(lived.closed).toEqual([4]);
  });

  it('judges coverage by the shortfall', () => {
    const result = (day: number, value: number) => resultAt(day, 0, { value, threshold: 0.9, kind: 'coverage', state: value < 0.9 ? 'breach' : 'ok' });
    expect(live([result(1, 0.8), result(2, 0.8), result(3, 0.93), result(4, 0.93), result(5, 0.93)])).toMatchObject({ opened: [[2, 'coverage']], closed: [5] });
    expect(live([result(1, 0.8), result(2, 0.8), result(3, 0.91), result(4, 0.91), result(5, 0.91)]).closed).toEqual([]);
  });

  it('is repeatable, valid, and names its evidence', () => {
    const history = days([1.5, 2]);
    const input = { endpoint: ENDPOINT, watermark: 2 * DAY_US, monitors, history, open: [], suspects: () => [] };
    const once = foldIncidents(input);
    expect(foldIncidents(input)).toEqual(once);
    const [incident] = once.opened;
    expect(Incident.safeParse(incident).success).toBe(true);
    expect(incident?.incidentId).toMatch(/^performance-19700103T000000-[0-9a-f]{6}$/);
    expect(incident?.evidence).toBe(hashOf(history));
    expect(incident?.numbers).toMatchObject({ breaches: 2, of: 2, severity: 2 });
  });
});

describe('rankSuspects', () => {
  const drift = { monitor: 'drift', kind: 'inputDrift', metric: 'psi' } as const;
  const facts = { kind: 'performance' as const, definition: null, owner: 'ml', champion: { model: 'm', version: 3 }, championSince: 0, at: 9 * DAY_US, recent: DAY_US };

  it('ranks drifting columns by how far beyond their thresholds they are, since their run of breaches began', () => {
    const history = [...days([2, 0.5, 2, 2], { ...drift, column: 'wind' }), ...days([0.5, 0.5, 0.5, 6], { ...drift, column: 'rain' }), ...days([3, 3, 3, 0.5], { ...drift, column: 'calm' })];
    const suspects = rankSuspects({ ...facts, history });
    expect(suspects.map(({ name }) => name)).toEqual(['rain', 'wind']);
    expect(suspects[0]?.share).toBeCloseTo(0.75, 12);
    expect(suspects[1]?.since).toBe(3 * DAY_US);
  });

  it('suspects a source that fell silent, and asks its owner', () => {
    const weather = source('weather', { owner: 'met', keys: { origin: 'string' }, columns: { wind: float64({ scale: 1 }) } });
    const view = featureView('air', { owner: 'ml', entity: entity('origin', { keys: { origin: 'string' } }), source: weather, ttl: null, features: (c) => ({ wind: latest(c.wind) }) });
    const definition = serviceDefinition(featureService('late', { owner: 'ml', request: {}, views: { air: view }, features: ({ air }) => ({ wind: air.wind }) }));
    const silent = days([0.5, 2, 3], { monitor: 'silence', kind: 'freshness', metric: 'hours', column: 'weather' });
    expect(rankSuspects({ ...facts, definition, history: silent })).toEqual([{ kind: 'source', name: 'weather', since: 2 * DAY_US, share: 1, owner: 'met' }]);
    const both = rankSuspects({ ...facts, definition, history: [...days([500, 500, 500], { monitor: 'silence', kind: 'freshness', metric: 'hours', column: 'weather' }), ...days([2, 2, 4], { ...drift, column: 'wind' })] });
    expect(rankSuspects({ ...facts, kind: 'freshness', definition, championSince: facts.at, history: [...silent, ...days([2, 2, 4], { ...drift, column: 'wind' })] }).map(({ name }) => name)).toEqual(['weather']);
    expect(both.map(({ kind, share }) => [kind, share])).toEqual([['source', 0.5], ['feature', 0.5]]);
    expect(rankSuspects({ ...facts, definition, history: [...silent, ...days([0.5], { monitor: 'silence', kind: 'freshness', metric: 'hours', column: 'weather' }, 4)] })).toEqual([]);
  });

  it('suspects a champion that is new', () => {
    expect(rankSuspects({ ...facts, championSince: 8.5 * DAY_US, history: [] })).toMatchObject([{ kind: 'version', name: 'm@3', share: 1, owner: 'ml' }]);
    expect(rankSuspects({ ...facts, history: [] })).toEqual([]);
  });
});
