import { MettleError, type Arm, type Keys, type RouteTable, type Value, type VersionRef } from '@mettle/contracts';
import { BUCKETS, bucketOf } from './bucket.ts';
import { stickyUnit } from './sticky.ts';

/** Where one row goes. */
export interface Assignment {
  /** 0..9999. */
  readonly bucket: number;
  /** The sticky unit as text; what sample ratios count. */
  readonly sticky: string;
  readonly assigned: Arm;
  readonly version: VersionRef;
  /** A request header chose the arm: such rows are no part of the experiment's sample. */
  readonly overridden: boolean;
}

/** Request headers; names in lower case, as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The arm of a row. Challengers occupy the buckets from 0 up, each its share; the champion has the rest. A matching
 * override wins over the bucket; one that names a challenger while there is none goes to the champion.
 * @throws MettleError PAUSED | NO_CHAMPION
 */
export function assignArm(table: RouteTable, keys: Keys, headers: Headers = {}, request: Readonly<Record<string, Value>> = {}): Assignment {
  if (table.paused) throw new MettleError('PAUSED', `endpoint '${table.endpoint}' is paused`, { endpoint: table.endpoint });
  const champion = table.champion;
  if (champion === null) throw new MettleError('NO_CHAMPION', `endpoint '${table.endpoint}' has no champion`, { endpoint: table.endpoint });

  const sticky = stickyUnit(table.stickyKeys, keys, request);
  const bucket = bucketOf(table.salt, sticky);
  const override = overriddenArm(table, headers);
  if (override !== null) {
    const version = override === 'challenger' ? table.challengers[0]?.version : undefined;
    return { bucket, sticky, assigned: version ? 'challenger' : 'champion', version: version ?? champion, overridden: true };
  }
  let edge = 0;
  for (const challenger of table.challengers) {
    edge += challenger.share;
    if (bucket < edge) return { bucket, sticky, assigned: 'challenger', version: challenger.version, overridden: false };
  }
  return { bucket, sticky, assigned: 'champion', version: champion, overridden: false };
}

function overriddenArm(table: RouteTable, headers: Headers): Arm | null {
  for (const { header, value, arm } of table.overrides) {
    const sent = headers[header.toLowerCase()];
    if (sent === value || (Array.isArray(sent) && sent.includes(value))) return arm;
  }
  return null;
}

/**
 * Whether a shadow with this sample scores the unit's rows: its own deal of the buckets, so that a sample is not the same
 * units as a challenger's share.
 * @param sample basis points; 10,000 is every row
 */
export const inSample = (table: RouteTable, sticky: string, sample: number): boolean =>
  sample >= BUCKETS || bucketOf(`${table.salt}|shadow`, sticky) < sample;
