import nx from '@nx/eslint-plugin';
import jsonc from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

/** Rooms that must run in a browser and in a workflow sandbox: no Node, no clock, no chance. */
const PURE = ['libs/contracts', 'libs/statistics', 'libs/feature-language', 'libs/evaluation', 'libs/promotion', 'libs/routing'];
const sandboxed = [...PURE, 'libs/lifecycle'].map((room) => `${room}/src/**/*.ts`);

export default tseslint.config(
  { ignores: ['**/dist', '**/out-tsc', '**/test-results', '**/.nx', '.mettle', '.cache', '**/*.json.gz'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-redeclare': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-globals': ['error', { name: 'event', message: 'a browser global' }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: [],
          depConstraints: [
            { sourceTag: 'layer:pure', onlyDependOnLibsWithTags: ['layer:pure'] },
            { sourceTag: 'layer:store', onlyDependOnLibsWithTags: ['layer:pure', 'layer:store'] },
            { sourceTag: 'layer:domain', onlyDependOnLibsWithTags: ['layer:pure', 'layer:store', 'layer:domain', 'layer:workflow'] },
            { sourceTag: 'layer:workflow', onlyDependOnLibsWithTags: ['layer:pure'] },
            { sourceTag: 'layer:edge', onlyDependOnLibsWithTags: ['layer:pure', 'layer:gateway'] },
            { sourceTag: 'layer:test', onlyDependOnLibsWithTags: ['layer:pure', 'layer:store'] },
            { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:pure', 'layer:store', 'layer:domain', 'layer:workflow', 'layer:edge', 'layer:test', 'layer:example'] },
            { sourceTag: 'layer:example', onlyDependOnLibsWithTags: ['layer:pure'] },
          ],
        },
      ],
    },
  },
  {
    files: sandboxed,
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*', 'fs', 'path', 'crypto', 'worker_threads'], message: 'a pure room runs in a browser and in a workflow' }] }],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'time is an input' },
        { object: 'Math', property: 'random', message: 'chance is an input' },
      ],
    },
  },
  {
    files: ['{libs,apps,examples}/*/package.json'],
    languageOptions: { parser: jsonc },
    plugins: { '@nx': nx },
    rules: { '@nx/dependency-checks': ['error', { ignoredFiles: ['**/*.spec.ts', '**/vitest.config.mts', '**/*.mjs'], checkVersionMismatches: false }] },
  },
);
