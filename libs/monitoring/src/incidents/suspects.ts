import type { MonitorKind, MonitorResult, Suspect, VersionRef } from '@mettle/contracts';
import { versionKey } from '@mettle/contracts';
import type { ServiceDefinition } from '@mettle/feature-language';
import { originOf } from './lineage.ts';
import { severity } from './severity.ts';

export interface SuspectFacts {
  /** Of the incident. */
  readonly kind: MonitorKind;
  /** Results up to now, oldest first. */
  readonly history: readonly MonitorResult[];
  readonly definition: ServiceDefinition | null;
  /** Owner of the model. */
  readonly owner: string;
  readonly champion: VersionRef;
  readonly championSince: number;
  readonly at: number;
  /** A version younger than this is suspect itself, µs. */
  readonly recent: number;
}

const MOST = 10;

/**
 * What may be behind an incident, ranked, with who can answer: the columns that drift in the latest input monitors and the
 * sources that fell silent (by how far beyond their thresholds, with the owner of the source), and a recent change of version. Of a source
 * that fell silent nothing is suspect but the source. Shares sum to one.
 */
export function rankSuspects(facts: SuspectFacts): Suspect[] {
  const drifting = facts.kind === 'freshness' ? [] : [...worstOf(facts.history, 'inputDrift')];
  const suspects = drifting.map(([column, { result, weight }]): Suspect => {
    const origin = facts.definition === null ? null : originOf(facts.definition, column);
    return { kind: 'feature', name: origin?.kind === 'source' ? `${column} (source ${origin.name})` : column, since: since(facts.history, result), share: weight, owner: origin?.owner ?? facts.owner };
  });
  // Silence grows without end: it weighs no more than the worst drift.
  const most = Math.max(1, ...suspects.map(({ share }) => share));
  for (const [name, { result, weight }] of worstOf(facts.history, 'freshness')) {
    suspects.push({ kind: 'source', name, since: since(facts.history, result), share: Math.min(weight, most), owner: facts.definition?.sources.find((source) => source.name === name)?.owner || facts.owner });
  }
  if (facts.kind !== 'freshness' && facts.at - facts.championSince <= facts.recent) suspects.push({ kind: 'version', name: versionKey(facts.champion), since: facts.championSince, share: 1, owner: facts.owner });
  const total = suspects.reduce((sum, { share }) => sum + share, 0);
  return suspects
    .map((suspect) => ({ ...suspect, share: total > 0 ? suspect.share / total : 0 }))
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))
    .slice(0, MOST);
}

/** Columns that breach in the latest results of a kind, each with its worst result. */
function worstOf(history: readonly MonitorResult[], kind: MonitorResult['kind']): Map<string, { result: MonitorResult; weight: number }> {
  const latest = new Map<string, MonitorResult>();
  for (const result of history) if (result.kind === kind && result.column !== null) latest.set(`${result.monitor} ${result.column}`, result);
  const worst = new Map<string, { result: MonitorResult; weight: number }>();
  for (const result of latest.values()) {
    const weight = result.state === 'breach' ? (severity(result) ?? 0) : 0;
    const column = result.column ?? '';
    if (weight > (worst.get(column)?.weight ?? 0)) worst.set(column, { result, weight });
  }
  return worst;
}

/** When the unbroken run of breaches that ends in `last` began. */
function since(history: readonly MonitorResult[], last: MonitorResult): number {
  let at = last.at;
  for (const result of [...history].reverse()) {
    if (result.monitor !== last.monitor || result.column !== last.column || result.at > at) continue;
    if (result.state !== 'breach') break;
    at = result.at;
  }
  return at;
}
