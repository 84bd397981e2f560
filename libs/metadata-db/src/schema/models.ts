import type { MetricValue, ModelManifest, ParityReport, Principal, Stage, Verdict } from '@mettle/contracts';
import { foreignKey, index, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { int53, record } from './columns.ts';

export const registeredModels = pgTable('registered_models', {
  name: text('name').primaryKey(),
  description: text('description').notNull(),
  by: record<Principal>('by').notNull(),
  createdAt: int53('created_at').notNull(),
});

/** A version: its immutable manifest, and what is projected from later facts (stage, qualified). */
export const modelVersions = pgTable(
  'model_versions',
  {
    model: text('model').notNull().references(() => registeredModels.name),
    version: integer('version').notNull(),
    /** Idempotency key of the registration. */
    key: text('key').notNull(),
    manifest: record<ModelManifest>('manifest').notNull(),
    /** Blob of the manifest. */
    manifestHash: text('manifest_hash').notNull(),
    /** Fields that the lineage lacks and nobody attested. */
    missing: record<string[]>('missing').notNull(),
    stage: text('stage').$type<Stage>().notNull(),
    qualified: text('qualified').$type<Verdict>(),
    registeredAt: int53('registered_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.model, t.version] }), unique('model_versions_key').on(t.model, t.key)],
);

export const qualifications = pgTable(
  'qualifications',
  {
    model: text('model').notNull(),
    version: integer('version').notNull(),
    key: text('key').notNull(),
    verdict: text('verdict').$type<Verdict>().notNull(),
    parity: record<ParityReport | null>('parity'),
    holdout: record<Record<string, MetricValue>>('holdout').notNull(),
    note: text('note').notNull(),
    at: int53('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model, t.version, t.key] }),
    foreignKey({ name: 'qualifications_version', columns: [t.model, t.version], foreignColumns: [modelVersions.model, modelVersions.version] }),
  ],
);

export const aliases = pgTable(
  'aliases',
  {
    model: text('model').notNull(),
    alias: text('alias').notNull(),
    version: integer('version').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model, t.alias] }),
    index('aliases_version').on(t.model, t.version),
    foreignKey({ name: 'aliases_to_version', columns: [t.model, t.version], foreignColumns: [modelVersions.model, modelVersions.version] }),
  ],
);
