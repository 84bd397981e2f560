import type { DurationUs, Hash, Keys, TimeUs, Value } from '@mettle/contracts';
import type { ViewPieces } from './pieces.ts';
import type { ViewState } from './view-state.ts';

/** What a view answered for one entity at T: its features in order. */
export interface ViewRead {
  readonly status: 'PRESENT' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE';
  readonly values: readonly Value[];
}

/** The part of an EventRecord that reducers see. */
export interface ViewEvent {
  readonly eventId: string;
  readonly values: Readonly<Record<string, Value>>;
  readonly eventTime: TimeUs;
  readonly knownAt: TimeUs;
  readonly sequence: number;
  readonly op: 'assert' | 'retract';
}

/** A view's reducers. Which events were applied is the caller's affair; a read at T counts those with eventTime <= T. */
export interface CompiledView {
  readonly hash: Hash;
  readonly name: string;
  readonly source: string;
  readonly entityKeys: readonly string[];
  readonly ttl: DurationUs | null;
  /** A read at T depends on no event with eventTime <= T - horizon; null: on all. */
  readonly horizon: DurationUs | null;
  /** The same where only values matter: what is older may still tell OUTSIDE_MAX_AGE from NOT_FOUND. */
  readonly valueHorizon: DurationUs | null;
  /** The source's columns that the view reads, each once. */
  readonly columns: readonly string[];
  readonly features: readonly string[];
  /** The entity as text, distinct for distinct keys; null when a key is missing. */
  keyOf(keys: Keys): string | null;
  /** Replay form: everything of one entity in memory, as sorted events under prefix sums. */
  init(): ViewState;
  apply(state: ViewState, event: ViewEvent): ViewState;
  /** `apply` for a caller that holds columns: `cells` in the order of `columns`. */
  applyCells(state: ViewState, op: 'assert' | 'retract', eventId: string, eventTime: TimeUs, knownAt: TimeUs, sequence: number, cells: readonly Value[]): void;
  read(state: ViewState, at: TimeUs): ViewRead;
  /** Store form: tiles and raw events under separate keys. */
  applyPieces(pieces: ViewPieces, event: ViewEvent): void;
  readPieces(pieces: ViewPieces, at: TimeUs): ViewRead;
}
