import type { Recipe } from '@mettle/contracts';
import { canonicalJson } from '@mettle/contracts';

/** A refresh is newer data through the champion's own recipe and must be non-inferior; a change is anything else and must be superior. */
export type Kind = 'refresh' | 'change';

/**
 * What a candidate is to a champion, from their lineage (a manifest is a recipe). A refresh has the same task, feature
 * service, trainer name, parameters and code revision, all of them known: an import without lineage is a change.
 *
 * The revision is that of the trainer's own source, by equality: nobody can tell from a hash that a commit changes
 * nothing. Not part of a recipe: the seed, which is chance; the snapshot and the vocabularies fitted on it, which are
 * data; and the environment's lock, because a patched library would turn every refresh into a change that the champion
 * of before must lose to, and the margin already bounds what it can cost.
 */
export function kindOf(champion: Recipe, candidate: Recipe): Kind {
  const known = champion.featureService !== null && champion.trainer !== null && champion.code !== null;
  return known && canonicalJson(stepsOf(champion)) === canonicalJson(stepsOf(candidate)) ? 'refresh' : 'change';
}

const stepsOf = ({ task, featureService, trainer, code }: Recipe) => ({ task, featureService, trainer: trainer === null ? null : { name: trainer.name, parameters: trainer.parameters }, code });
