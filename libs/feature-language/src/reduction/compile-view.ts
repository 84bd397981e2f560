import { checkView } from '../definition/check-definition.ts';
import type { FeatureViewIR } from '../definition/feature-view-ir.ts';
import { hashOfView } from '../definition/hash-of.ts';
import type { SourceIR } from '../definition/source-ir.ts';
import type { CompiledView } from './compiled-view.ts';
import { entityText, planView } from './plan.ts';
import { applyToPieces, readFromPieces } from './view-pieces.ts';
import { assertEvent, emptyState, readState, retractEvent } from './view-state.ts';

/**
 * A view's reducers in both forms; they give the same bits.
 * @throws MettleError UNKNOWN_COLUMN | INVALID_WINDOW | INVALID_DEFINITION
 */
export function compileView(view: FeatureViewIR, source: SourceIR): CompiledView {
  checkView(view, source);
  const plan = planView(view);
  const entityKeys = Object.keys(view.keys).sort();
  return {
    hash: hashOfView(view),
    name: view.name,
    source: view.source,
    entityKeys,
    ttl: view.ttl,
    horizon: plan.hasLatest ? null : plan.longest,
    // An event at exactly T - ttl is still fresh.
    valueHorizon: !plan.hasLatest ? plan.longest : view.ttl === null ? null : Math.max(view.ttl + 1, plan.longest),
    columns: plan.inputs.map(({ column }) => column),
    features: view.features.map(({ name }) => name),
    keyOf: (keys) => entityText(entityKeys, keys),
    init: () => emptyState(plan),
    apply: (state, event) => {
      if (event.op === 'retract') retractEvent(state, event.eventId, event.eventTime);
      else assertEvent(state, event.eventId, event.eventTime, event.knownAt, event.sequence, plan.toCells((column) => event.values[column]));
      return state;
    },
    applyCells: (state, op, eventId, eventTime, knownAt, sequence, cells) => {
      if (op === 'retract') retractEvent(state, eventId, eventTime);
      else assertEvent(state, eventId, eventTime, knownAt, sequence, plan.toCells((_column, index) => cells[index]));
    },
    read: (state, at) => readState(state, plan, at),
    applyPieces: (pieces, event) => applyToPieces(plan, pieces, event),
    readPieces: (pieces, at) => readFromPieces(plan, pieces, at),
  };
}
