import { readFileSync } from 'node:fs';

/** Bytes of a model in ../../fixtures. */
export const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
