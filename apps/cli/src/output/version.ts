import { InvalidArgumentError } from 'commander';

interface Ref {
  readonly model: string;
  readonly version: number;
}

/** `flights@3` */
export const versionName = (ref: Ref | null | undefined): string | null => (ref === null || ref === undefined ? null : `${ref.model}@${ref.version}`);

/** @throws InvalidArgumentError */
export function parseVersion(given: string): Ref {
  const found = /^(.+)@(\d+)$/.exec(given);
  if (found === null || Number(found[2]) < 1) throw new InvalidArgumentError('expected model@version, such as flights@3');
  return { model: found[1]!, version: Number(found[2]) };
}
