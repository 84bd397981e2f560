import { MettleError, versionKey, type VersionRef } from '@mettle/contracts';
import { aliases, and, eq } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';
import { CHAMPION_ALIAS } from './projection.ts';
import { versionRow } from './versions.ts';

/** Letters, digits, `_` and `-`; not `latest`, nor like a version (`v3`). */
const ALIAS = /^(?!latest$)(?!v\d+$)[\w-]{1,255}$/;

function checkAlias(alias: string): void {
  if (!ALIAS.test(alias)) throw new MettleError('INVALID_INPUT', `'${alias}' cannot be an alias`, { alias });
  if (alias === CHAMPION_ALIAS) {
    throw new MettleError('INVALID_TRANSITION', `the alias '${alias}' follows the endpoint's champion: promote the version`, { alias });
  }
}

export function aliasRegister({ db }: RegistryDeps) {
  return {
    /** Points an alias of the model at a version. @throws MettleError INVALID_INPUT | INVALID_TRANSITION (`champion`) | UNKNOWN_VERSION */
    async setAlias(ref: VersionRef, alias: string): Promise<void> {
      checkAlias(alias);
      await versionRow(db.orm, ref);
      await db.orm.insert(aliases).values({ ...ref, alias }).onConflictDoUpdate({ target: [aliases.model, aliases.alias], set: { version: ref.version } });
    },

    /** Removes an alias if it is there. @throws MettleError INVALID_INPUT | INVALID_TRANSITION (`champion`) */
    async deleteAlias(model: string, alias: string): Promise<void> {
      checkAlias(alias);
      await db.orm.delete(aliases).where(and(eq(aliases.model, model), eq(aliases.alias, alias)));
    },

    /** The version that an alias names. @throws MettleError UNKNOWN_VERSION */
    async aliased(model: string, alias: string): Promise<VersionRef> {
      const [found] = await db.orm.select({ version: aliases.version }).from(aliases).where(and(eq(aliases.model, model), eq(aliases.alias, alias)));
      if (!found) throw new MettleError('UNKNOWN_VERSION', `'${model}' has no alias '${alias}'`, { model, alias });
      return { model, version: found.version };
    },

    /** Every alias of a model with the version that it names. */
    async aliases(model: string): Promise<Record<string, string>> {
      const rows = await db.orm.select().from(aliases).where(eq(aliases.model, model));
      return Object.fromEntries(rows.map((row) => [row.alias, versionKey(row)]));
    },
  };
}
