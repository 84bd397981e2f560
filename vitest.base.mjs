import { defineConfig } from 'vitest/config';

const conditions = ['@mettle/source', 'node', 'development|production'];

/** Shared by every project: sources are read through the workspace condition, so tests never see a stale dist. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@mettle/source', 'node'] } },
  test: {
    pool: 'forks',
    include: ['src/**/*.spec.ts'],
    exclude: ['src/**/*.long.spec.ts'],
    passWithNoTests: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results/unit.json' },
  },
});
