import type { Principal } from '@mettle/contracts';
import type { Platform } from '../platform/platform.ts';

/** What a procedure works with: who asks, and the open rooms of the process. */
export interface Context {
  readonly principal: Principal | null;
  readonly platform: Platform;
}
