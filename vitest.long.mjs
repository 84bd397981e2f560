import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.base.mjs';

/** The slow half: kills, fuzz, long properties, the demo itself. One file at a time. */
const long = mergeConfig(base, defineConfig({ test: { testTimeout: 900_000, hookTimeout: 300_000, fileParallelism: false } }));
long.test.include = ['src/**/*.long.spec.ts'];
long.test.exclude = [];
long.test.outputFile = { json: 'test-results/long.json' };
export default long;
