import { hashBytes, type VersionRef } from '@mettle/contracts';
import type { RouteFiles } from '../table.ts';

export const plan = {
  clock: 'event' as const,
  overrides: [
    { header: 'X-Arm', value: 'new', arm: 'challenger' as const },
    { header: 'X-Arm', value: 'old', arm: 'champion' as const },
  ],
  policy: { stickyKeys: ['plane', 'flight'] },
};

export const ref = (version: number): VersionRef => ({ model: 'late', version });

export const filesOf = (...versions: number[]): RouteFiles =>
  Object.fromEntries(versions.map((n) => [`late@${n}`, { file: hashBytes(`file ${n}`), fitted: null, service: null, definition: null, manifest: hashBytes(`manifest ${n}`) }]));
