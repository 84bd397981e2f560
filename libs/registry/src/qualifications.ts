import { MettleError, versionKey, type MetricValue, type ParityReport, type Stage, type TimeUs, type Verdict, type VersionRef } from '@mettle/contracts';
import { and, asc, eq, modelVersions, qualifications } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';
import { projectStages } from './projection.ts';
import { isVersion, versionRow } from './versions.ts';

export interface QualificationInput {
  /** Idempotency: the same key returns the stage without a second record. */
  readonly key: string;
  readonly version: VersionRef;
  readonly verdict: Verdict;
  readonly parity: ParityReport | null;
  /** Metrics recomputed from the model file over the holdout. */
  readonly holdout: Record<string, MetricValue>;
  readonly note: string;
}

export type Qualification = QualificationInput & { readonly at: TimeUs };

export function qualificationRegister({ db, now }: RegistryDeps) {
  return {
    /**
     * Records the offline gate's verdict. `pass` makes the version qualified: development -> staging. The last verdict counts.
     * @throws MettleError UNKNOWN_VERSION | LINEAGE_INCOMPLETE: a pass without whole lineage; the version stays in development
     */
    async recordQualification(input: QualificationInput): Promise<{ stage: Stage }> {
      const { version: ref, ...facts } = input;
      return db.transaction(async (tx) => {
        const row = await versionRow(tx, ref);
        if (input.verdict === 'pass' && row.missing.length > 0) {
          throw new MettleError('LINEAGE_INCOMPLETE', `${versionKey(ref)} lacks ${row.missing.join(', ')}`, { version: versionKey(ref), missing: row.missing });
        }
        const fresh = await tx.insert(qualifications).values({ ...ref, ...facts, at: now() }).onConflictDoNothing().returning({ key: qualifications.key });
        if (fresh.length === 0) return { stage: row.stage };
        await tx.update(modelVersions).set({ qualified: input.verdict }).where(isVersion(ref));
        const [stage] = await projectStages(tx, [ref]);
        return { stage: stage ?? row.stage };
      });
    },

    /** Oldest first. */
    async qualifications(ref: VersionRef): Promise<Qualification[]> {
      const rows = await db.orm
        .select()
        .from(qualifications)
        .where(and(eq(qualifications.model, ref.model), eq(qualifications.version, ref.version)))
        .orderBy(asc(qualifications.at), asc(qualifications.key));
      return rows.map(({ model, version, ...facts }) => ({ ...facts, version: { model, version } }));
    },
  };
}
