import type { Hash, Principal, TimeUs } from '@mettle/contracts';
import { asc, definitions, eq } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';

export type DefinitionKind = 'source' | 'entity' | 'featureView' | 'featureService';

export interface DefinitionInput {
  /** Semantic hash: owner and description do not count. */
  readonly hash: Hash;
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly json: unknown;
  /** Blob of the self-contained definition (services). */
  readonly blob: Hash | null;
  readonly by: Principal;
}

export type StoredDefinition = DefinitionInput & { readonly registeredAt: TimeUs };

const stored = (row: typeof definitions.$inferSelect): StoredDefinition => ({ ...row, kind: row.kind as DefinitionKind });

export function definitionStore({ db, now }: RegistryDeps) {
  return {
    /** Stores a definition once. @returns whether it was new */
    async saveDefinition(input: DefinitionInput): Promise<boolean> {
      const fresh = await db.orm.insert(definitions).values({ ...input, registeredAt: now() }).onConflictDoNothing().returning({ hash: definitions.hash });
      return fresh.length > 0;
    },

    /** By hash, or null. */
    async definition(hash: Hash): Promise<StoredDefinition | null> {
      const [row] = await db.orm.select().from(definitions).where(eq(definitions.hash, hash));
      return row ? stored(row) : null;
    },

    /** All of a kind, or all: by time of registration, so that the last of a name is the newest. */
    async definitions(kind?: DefinitionKind): Promise<StoredDefinition[]> {
      const rows = await db.orm
        .select()
        .from(definitions)
        .where(kind ? eq(definitions.kind, kind) : undefined)
        .orderBy(asc(definitions.registeredAt), asc(definitions.hash));
      return rows.map(stored);
    },
  };
}
