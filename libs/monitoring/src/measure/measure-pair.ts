import type { BlobStore } from '@mettle/blob-store';
import { hashOf, versionKey } from '@mettle/contracts';
import type { Catalogue, Coverage, LabelSpace, Measured, PastSlot, Phase, Policy, Range, Served, SlotSeries, VersionRef } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import type { LossSql } from '../losses.ts';
import { segmentsWithin, tableWithin } from '../tables.ts';
import { pairQuery, policyLosses } from './pair-query.ts';
import { findSegmentColumns } from './segment-columns.ts';
import { splitQuery } from './split-query.ts';

export interface MeasurePairInput {
  readonly db: Db;
  readonly blobs: Pick<BlobStore, 'path'>;
  readonly catalogue: Catalogue;
  readonly policy: Policy;
  /** What the endpoint's labels can be. */
  readonly space: LabelSpace;
  readonly champion: VersionRef;
  readonly candidate: VersionRef;
  /** T of the rows to compare, mature at the watermark. */
  readonly cohort: Range;
  readonly watermark: number;
  /** When the live split began; null: there is none. */
  readonly challengeFrom: number | null;
  readonly phase: Phase;
  /** Earlier comparisons: see `pastOf`. */
  readonly past?: readonly PastSlot[];
}

type PairRow = { level: number; slot: number; segment: string | null; rows: number } & Record<string, number | null>;

/**
 * Compares two versions on the rows that both scored, with the labels known at the watermark: slot sums of every metric
 * of the policy, in total and by declared segment, coverage by arm, and in a live split first exposures per day and
 * errors by assigned arm. Sums are integers of small units, so files, threads and order never change a bit.
 */
export async function measurePair(input: MeasurePairInput): Promise<Measured> {
  const { db, blobs, catalogue, policy, space, champion, candidate, cohort, watermark, phase } = input;
  const labelled: Range = { from: cohort.from, to: watermark + 1 };
  const predictions = await tableWithin(blobs, catalogue, 'predictions', cohort);
  const labels = await tableWithin(blobs, catalogue, 'labels', labelled);
  const vectors = await tableWithin(blobs, catalogue, 'vectors', cohort);
  const metrics = policyLosses(policy, space);
  const columns = await findSegmentColumns(db, policy.segments, predictions, vectors);
  const rows = await db.all<PairRow>(
    pairQuery({ predictions, labels, vectors }, { endpoint: catalogue.endpoint, champion: versionKey(champion), candidate: versionKey(candidate), cohort, watermark, slotWidth: policy.slot.width, space, metrics, segments: columns }),
  );
  const split = phase === 'challenge' && input.challengeFrom !== null ? await measureSplit(input, input.challengeFrom) : null;
  const used = [...segmentsWithin(catalogue, 'predictions', cohort), ...segmentsWithin(catalogue, 'labels', labelled)].map(({ hash }) => hash);
  return {
    v: 1,
    phase,
    champion,
    candidate,
    cohort,
    watermark,
    segments: hashOf(used),
    series: seriesOf(rows, metrics, columns.map(({ column }) => column)),
    coverage: split?.coverage ?? coverageOfPair(rows),
    exposures: split?.exposures ?? null,
    service: split?.service ?? null,
    past: [...(input.past ?? [])],
  };
}

function seriesOf(rows: readonly PairRow[], metrics: readonly LossSql[], columns: readonly string[]): SlotSeries[] {
  const series = new Map<string, SlotSeries>();
  metrics.forEach(({ metric, unit }, k) => {
    series.set(`${k}`, { metric, segment: null, slots: [] });
    for (const row of rows) {
      if (row.level < 0) continue;
      const segment = row.level === 0 ? null : `${columns[row.level - 1] ?? ''}=${row.segment ?? ''}`;
      const key = segment === null ? `${k}` : `${k} ${segment}`;
      const found = series.get(key) ?? { metric, segment, slots: [] };
      const a = row[`a${k}`] ?? 0;
      const b = row[`b${k}`] ?? 0;
      found.slots.push({ at: row.slot, rows: row.rows, sum: (b - a) * unit, champion: a * unit, candidate: b * unit });
      series.set(key, found);
    }
  });
  return [...series.values()];
}

function coverageOfPair(rows: readonly PairRow[]): { champion: Coverage; candidate: Coverage } {
  const counts = rows.find(({ level }) => level === -1);
  const dropped = rows.find(({ level }) => level === -2);
  return {
    champion: { predictions: counts?.slot ?? 0, labels: counts?.a0 ?? 0, dropped: dropped?.slot ?? 0 },
    candidate: { predictions: counts?.rows ?? 0, labels: counts?.b0 ?? 0, dropped: dropped?.rows ?? 0 },
  };
}

interface SplitRow { kind: 'exposure' | 'service' | 'coverage'; day: number; arm: 'champion' | 'challenger'; rows: number; labels: number; failed: number }

async function measureSplit({ db, blobs, catalogue, policy, space, cohort, watermark }: MeasurePairInput, from: number): Promise<Pick<Measured, 'coverage' | 'exposures' | 'service'>> {
  const live: Range = { from, to: watermark };
  const predictions = await tableWithin(blobs, catalogue, 'predictions', live);
  const labels = await tableWithin(blobs, catalogue, 'labels', { from, to: watermark + 1 });
  const rows = await db.all<SplitRow>(splitQuery({ predictions, labels }, { endpoint: catalogue.endpoint, live, matureUntil: cohort.to, watermark, slowAfter: policy.slowAfter, space }));
  const pick = (kind: SplitRow['kind'], arm: SplitRow['arm'], day = 0): SplitRow | undefined => rows.find((row) => row.kind === kind && row.arm === arm && row.day === day);
  const days = [...new Set(rows.filter(({ kind }) => kind === 'exposure').map(({ day }) => day))];
  const coverage = (arm: SplitRow['arm']): Coverage => ({ predictions: pick('coverage', arm)?.rows ?? 0, labels: pick('coverage', arm)?.labels ?? 0, dropped: pick('coverage', arm)?.failed ?? 0 });
  const service = (arm: SplitRow['arm']): Served => ({ requests: pick('service', arm)?.rows ?? 0, errors: pick('service', arm)?.failed ?? 0, slow: policy.slowAfter === null ? null : (pick('service', arm)?.labels ?? 0) });
  return {
    coverage: { champion: coverage('champion'), candidate: coverage('challenger') },
    exposures: days.map((day) => ({ champion: pick('exposure', 'champion', day)?.rows ?? 0, challenger: pick('exposure', 'challenger', day)?.rows ?? 0 })),
    service: { champion: service('champion'), challenger: service('challenger') },
  };
}
