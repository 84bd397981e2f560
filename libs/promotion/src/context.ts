import type { Hash, TimeUs } from '@mettle/contracts';

/** What a decision knows besides the policy and the measurement. */
export interface DecideContext {
  /** A refresh is newer data through the same recipe; a change is anything else. */
  readonly kind: 'refresh' | 'change';
  readonly phase: 'shadow' | 'challenge' | 'bake';
  /** The watermark at which this phase began, µs. */
  readonly startedAt: TimeUs;
  readonly policyHash: Hash;
}
