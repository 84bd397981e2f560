import type { Hash, TimeUs } from '@mettle/contracts';
import type { Kind } from './kind-of.ts';

/** What a decision knows besides the policy and the measurement. */
export interface DecideContext {
  /** What the candidate is to this champion: see `kindOf`. */
  readonly kind: Kind;
  readonly phase: 'shadow' | 'challenge' | 'bake';
  /** The watermark at which this phase began, µs. */
  readonly startedAt: TimeUs;
  readonly policyHash: Hash;
}
