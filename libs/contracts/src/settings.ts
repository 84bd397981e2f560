import { z } from 'zod';
import { MettleError } from './errors.ts';

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback);

/** Every METTLE_* variable. Temporal's own variables configure its connection. */
export const Settings = z.object({
  METTLE_HOME: z.string().default('.mettle'),
  METTLE_TOKEN_FILE: z.string().optional(),
  METTLE_HOST: z.string().default('127.0.0.1'),
  METTLE_GATEWAY_PORT: port(7410),
  METTLE_INFERENCE_PORT: port(7420),
  METTLE_INFERENCE_GRPC_PORT: port(7421),
  METTLE_TEMPORAL_PORT: port(7430),
  METTLE_TEMPORAL_UI_PORT: port(7431),
  METTLE_TEMPORAL_CLI: z.string().optional(),
  METTLE_DATABASE_URL: z.string().optional(),
  /** `redis://host:port/database` (or `rediss://`), which must not evict keys. Default: LMDB in METTLE_HOME/online. */
  METTLE_ONLINE_STORE_URL: z.string().optional(),
  /** A directory, or `s3://bucket/prefix` with the AWS variables for endpoint, region and credentials. Default: METTLE_HOME/blobs. */
  METTLE_BLOB_URL: z.string().optional(),
  /** Seconds for which a process that starts waits for a database, a store or a Temporal server that does not answer. */
  METTLE_PATIENCE: z.coerce.number().min(0).max(3_600).default(30),
  METTLE_DURABILITY: z.enum(['process', 'disk']).default('process'),
  METTLE_PYTHON: z.string().optional(),
  METTLE_TRAINERS: z.string().optional(),
  METTLE_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('warn'),
});
export type Settings = z.infer<typeof Settings>;

/** @throws MettleError INVALID_INPUT naming the variable and what it was */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = Settings.safeParse(environment);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const setting = issue?.path.join('.') ?? '';
  const value = environment[setting] ?? null;
  throw new MettleError('INVALID_INPUT', `${setting}='${value ?? ''}': ${issue?.message ?? 'is not valid'}`, { setting, value });
}
