import { z } from 'zod';
import { Hash, Name, Range } from './value.ts';

/**
 * Moments to score that a client uploaded, checked against a feature service. `file` is Parquet: prediction_id,
 * request_id, row, at, keys, request (JSON), ordered by (at, prediction_id), each prediction once.
 */
export const SpineManifest = z.object({ v: z.literal(1), endpoint: Name, service: Hash, file: Hash, rows: z.int().min(1), range: Range });
export type SpineManifest = z.infer<typeof SpineManifest>;

export const Spine = SpineManifest.extend({ /** Blob of the SpineManifest. */ spine: Hash });
export type Spine = z.infer<typeof Spine>;
