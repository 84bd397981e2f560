import { MettleError, Name, type Principal, type TimeUs } from '@mettle/contracts';
import { asc, eq, modelVersions, registeredModels, sql, type Orm } from '@mettle/metadata-db';
import type { RegistryDeps } from './deps.ts';
import { parse } from './parse.ts';

export interface RegisteredModel {
  readonly name: string;
  readonly description: string;
  readonly by: Principal;
  readonly createdAt: TimeUs;
  /** The greatest version number; 0 without versions. */
  readonly latest: number;
}

export const unknownModel = (model: string): MettleError => new MettleError('UNKNOWN_MODEL', `no model is named '${model}'`, { model });

/** Inserts the model if it is new. @returns whether it was */
export async function insertModel(tx: Orm, name: string, description: string, by: Principal, at: TimeUs): Promise<boolean> {
  const created = await tx.insert(registeredModels).values({ name, description, by, createdAt: at }).onConflictDoNothing().returning({ name: registeredModels.name });
  return created.length > 0;
}

export function modelRegister({ db, now }: RegistryDeps) {
  const latest = sql<number>`coalesce(max(${modelVersions.version}), 0)`.mapWith(Number);
  const listed = () =>
    db.orm
      .select({ name: registeredModels.name, description: registeredModels.description, by: registeredModels.by, createdAt: registeredModels.createdAt, latest })
      .from(registeredModels)
      .leftJoin(modelVersions, eq(modelVersions.model, registeredModels.name))
      .groupBy(registeredModels.name)
      .orderBy(asc(registeredModels.name));
  const model = async (name: string): Promise<RegisteredModel> => {
    const [found] = await listed().having(eq(registeredModels.name, name));
    if (!found) throw unknownModel(name);
    return found;
  };

  return {
    /** @throws MettleError ALREADY_EXISTS | INVALID_INPUT */
    async createModel(name: string, options: { by: Principal; description?: string }): Promise<RegisteredModel> {
      parse(Name, name, 'model');
      if (!(await insertModel(db.orm, name, options.description ?? '', options.by, now()))) {
        throw new MettleError('ALREADY_EXISTS', `a model is named '${name}' already`, { model: name });
      }
      return model(name);
    },

    /** @throws MettleError UNKNOWN_MODEL */
    model,

    /** By name. */
    models: (): Promise<RegisteredModel[]> => listed(),
  };
}
