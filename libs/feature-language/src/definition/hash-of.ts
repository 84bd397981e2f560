import { hashOf } from '@mettle/contracts';
import type { Hash } from '@mettle/contracts';
import type { FeatureServiceIR } from './feature-service-ir.ts';
import type { FeatureViewIR } from './feature-view-ir.ts';
import type { SourceIR } from './source-ir.ts';

/** Raise when an operator's meaning changes: every hash changes with it, and old models keep their own features. */
export const SEMANTICS_VERSION = 1;

const meaningOf = <T extends { owner: string; description: string }>({ owner: _owner, description: _description, ...meaning }: T) =>
  hashOf({ semantics: SEMANTICS_VERSION, meaning });

/** Names, clock, keys and columns: the schema that events carry. */
export const hashOfSource = (source: SourceIR): Hash => meaningOf(source);

/** Everything but owner and description. */
export const hashOfView = (view: FeatureViewIR | { readonly ir: FeatureViewIR }): Hash => meaningOf('ir' in view ? view.ir : view);

/** Everything but owner and description; covers its views through their hashes. */
export const hashOfService = (service: FeatureServiceIR | { readonly ir: FeatureServiceIR } | { readonly service: FeatureServiceIR }): Hash =>
  meaningOf('ir' in service ? service.ir : 'service' in service ? service.service : service);
