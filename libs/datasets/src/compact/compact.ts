import type { BlobStore } from '@mettle/blob-store';
import type { EventRecord, LabelRecord, PredictionEntry, RawSegment, SegmentRef } from '@mettle/contracts';
import type { Db } from '@mettle/duckdb';
import { readPiece, type ObservationRecord } from '@mettle/event-log';
import type { ServiceDefinition } from '@mettle/feature-language';
import { loadServices } from './definitions.ts';
import { eventDrafts } from './event-drafts.ts';
import { labelDraft } from './label-draft.ts';
import { observationDraft } from './observation-draft.ts';
import { predictionDrafts } from './prediction-drafts.ts';
import { writeSegment, type Draft } from './segment-writer.ts';

export type CompactInput = {
  readonly db: Db;
  readonly blobs: BlobStore;
  /** Sealed pieces of any logs and writers; their order makes no difference. */
  readonly raws: readonly RawSegment[];
  /** Service hash -> blob of its definition. */
  readonly services?: Readonly<Record<string, string>>;
  readonly definitions?: readonly ServiceDefinition[];
};

/**
 * Turns raw pieces into Parquet segments, one per table and name. Deterministic: the same pieces give the same hashes.
 * @throws MettleError UNKNOWN_SERVICE when a logged vector's service is not among those given
 */
export async function compact({ db, blobs, raws, services: refs = {}, definitions = [] }: CompactInput): Promise<SegmentRef[]> {
  const unique = [...new Map(raws.map((raw) => [raw.hash, raw])).values()];
  const order = (a: RawSegment, b: RawSegment): number => (a.writer === b.writer ? a.sequences.from - b.sequences.from : a.writer < b.writer ? -1 : 1);
  const read = async <T>(log: RawSegment['log']): Promise<{ records: T[]; sequences: Draft['sequences'] }> => {
    const own = unique.filter((raw) => raw.log === log).sort(order);
    const pieces = await Promise.all(own.map(({ hash }) => blobs.get(hash)));
    return {
      records: pieces.flatMap((piece) => readPiece<T>(piece)),
      sequences: { from: Math.min(...own.map(({ sequences }) => sequences.from)), to: Math.max(...own.map(({ sequences }) => sequences.to)) },
    };
  };
  const services = await loadServices(blobs, definitions, refs);
  const drafts: Draft[] = [];
  if (unique.some(({ log }) => log === 'events')) drafts.push(...eventDrafts((await read<EventRecord>('events')).records, services));
  if (unique.some(({ log }) => log === 'labels')) drafts.push(labelDraft((await read<LabelRecord>('labels')).records));
  if (unique.some(({ log }) => log === 'observations')) drafts.push(observationDraft((await read<ObservationRecord>('observations')).records));
  if (unique.some(({ log }) => log === 'predictions')) {
    const { records, sequences } = await read<PredictionEntry>('predictions');
    drafts.push(...predictionDrafts(records, services, sequences));
  }
  const segments = await Promise.all(drafts.map((draft) => writeSegment(db, blobs, draft)));
  return segments.filter((segment) => segment !== null);
}
