import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hashBytes, hashOf, type Hash } from '@mettle/contracts';

/** One hash of files and folders by relative name and content; what Python compiled does not count. */
export function hashSource(paths: readonly string[]): Hash {
  return hashOf(paths.flatMap((path) => entries(path, basename(path))));
}

function entries(path: string, name: string): [name: string, content: Hash][] {
  if (!statSync(path).isDirectory()) return [[name, hashBytes(readFileSync(path))]];
  return readdirSync(path)
    .filter((child) => child !== '__pycache__')
    .sort()
    .flatMap((child) => entries(join(path, child), `${name}/${child}`));
}
