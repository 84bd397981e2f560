import { hashOf, isoTime, versionKey } from '@mettle/contracts';
import type { Incident, Monitor, MonitorResult, Suspect } from '@mettle/contracts';
import { severity } from './severity.ts';

export interface FoldInput {
  readonly endpoint: string;
  readonly watermark: number;
  readonly monitors: readonly Monitor[];
  /** Results up to and including the watermark, oldest first; at least the last n of each series. */
  readonly history: readonly MonitorResult[];
  /** Incidents that were open before this watermark. */
  readonly open: readonly Incident[];
  /** Ranked causes for an incident of this kind. */
  readonly suspects: (kind: Monitor['kind']) => readonly Suspect[];
}

export interface FoldOutput {
  readonly opened: Incident[];
  readonly closed: Incident[];
  /** Open after this watermark, the just opened included. */
  readonly open: Incident[];
  /** What opened each new incident, by its `evidence` hash. */
  readonly evidence: Readonly<Record<string, readonly MonitorResult[]>>;
}

interface Series {
  readonly monitor: Monitor;
  /** The last n results of the version now judged. */
  readonly last: readonly MonitorResult[];
  readonly breaching: boolean;
  readonly calm: boolean;
}

const subjectOf = ({ kind, segment }: Pick<Incident, 'kind' | 'segment'>): string => `${kind} ${segment ?? ''}`;

/**
 * Opens and closes incidents; a pure function of the results, so folding again gives the same. An incident opens when `k`
 * of a series' last `n` results breach, and closes when the last `n` results of every series of its subject were judged
 * and lie below `closeBelow` of their thresholds: an undetermined result closes nothing. One incident per kind and
 * segment. A series begins anew with each champion: its predecessor's results say nothing of it.
 */
export function foldIncidents(input: FoldInput): FoldOutput {
  const groups = new Map<string, Series[]>();
  for (const series of seriesOf(input)) {
    const sample = series.last.at(-1);
    if (sample === undefined) continue;
    const key = subjectOf(sample);
    groups.set(key, [...(groups.get(key) ?? []), series]);
  }
  const closed: Incident[] = [];
  const stillOpen: Incident[] = [];
  for (const incident of input.open) {
    const group = groups.get(subjectOf(incident)) ?? [];
    const over = group.length > 0 && group.every(({ calm }) => calm);
    if (over) closed.push({ ...incident, state: 'closed', closedAt: input.watermark });
    else stillOpen.push(incident);
  }
  const opened: Incident[] = [];
  const evidence: Record<string, readonly MonitorResult[]> = {};
  for (const [key, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const breaching = group.filter((series) => series.breaching);
    if (breaching.length === 0 || [...stillOpen, ...opened].some((incident) => subjectOf(incident) === key)) continue;
    const results = breaching.flatMap(({ last }) => last);
    const incident = openIncident(input, breaching, hashOf(results));
    opened.push(incident);
    evidence[incident.evidence] = results;
  }
  return { opened, closed, open: [...stillOpen, ...opened], evidence };
}

function seriesOf({ history, monitors, watermark }: FoldInput): Series[] {
  const grouped = new Map<string, MonitorResult[]>();
  for (const result of [...history].sort((a, b) => a.at - b.at)) {
    if (result.at > watermark) continue;
    const key = JSON.stringify([result.monitor, result.metric, result.column, result.segment]);
    grouped.set(key, [...(grouped.get(key) ?? []), result]);
  }
  const lastRun = new Map<string, number>();
  for (const { monitor, at } of history) if (at <= watermark) lastRun.set(monitor, Math.max(lastRun.get(monitor) ?? at, at));
  return [...grouped.values()].flatMap((results): Series[] => {
    const latest = results.at(-1);
    const monitor = monitors.find(({ name }) => name === latest?.monitor);
    // A column that the last run did not measure is gone (with the champion that read it).
    if (latest === undefined || monitor === undefined || latest.at < (lastRun.get(monitor.name) ?? 0)) return [];
    const { k, n, closeBelow } = monitor.hysteresis;
    const last = results.filter(({ version }) => versionKey(version) === versionKey(latest.version)).slice(-n);
    const breaching = latest.state === 'breach' && last.filter(({ state }) => state === 'breach').length >= k;
    const calm = last.length >= n && last.every((result) => (severity(result) ?? Number.POSITIVE_INFINITY) < closeBelow);
    return [{ monitor, last, breaching, calm }];
  });
}

function openIncident(input: FoldInput, breaching: readonly Series[], evidence: string): Incident {
  const ranked = breaching
    .map((series) => ({ series, result: series.last.at(-1) }))
    .flatMap(({ series, result }) => (result === undefined ? [] : [{ series, result, weight: severity(result) ?? 0 }]))
    .sort((a, b) => b.weight - a.weight || ((a.result.column ?? '') < (b.result.column ?? '') ? -1 : 1));
  const [worst] = ranked;
  if (worst === undefined) throw new RangeError('an incident needs a result');
  const { result, series } = worst;
  return {
    v: 1,
    incidentId: incidentIdOf(input.endpoint, result, input.watermark),
    endpoint: input.endpoint,
    version: result.version,
    monitor: series.monitor.name,
    kind: result.kind,
    metric: result.metric,
    segment: result.segment,
    state: 'open',
    openedAt: input.watermark,
    closedAt: null,
    numbers: { value: result.value, threshold: result.threshold, pValue: result.pValue, severity: worst.weight, columns: breaching.length, breaches: series.last.filter(({ state }) => state === 'breach').length, of: series.last.length },
    evidence,
    acknowledgedBy: null,
    suspects: [...input.suspects(result.kind)],
  };
}

/** `performance-20130412T000000-1f2e3d`: readable, unique per endpoint, kind, segment and time; fits a lifecycle's cause. */
export function incidentIdOf(endpoint: string, subject: Pick<Incident, 'kind' | 'segment'>, at: number): string {
  const time = isoTime(at).slice(0, 19).replaceAll(/[-:]/g, '');
  return `${subject.kind}-${time}-${hashOf([endpoint, subject.kind, subject.segment, at]).slice(0, 6)}`;
}
