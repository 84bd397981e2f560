import nx from '@nx/eslint-plugin';
import jsonc from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

/** Rooms that must run in a browser and in a workflow sandbox: no Node, no clock, no chance. */
const PURE = ['libs/contracts', 'libs/statistics', 'libs/feature-language', 'libs/evaluation', 'libs/promotion', 'libs/routing'];
/** Who may import whom; a spec may also use the test rooms. */
const layers = (more = []) => [
  'error',
  {
    enforceBuildableLibDependency: true,
    allow: [],
    checkDynamicDependenciesExceptions: ['@mettle/.*'],
    depConstraints: Object.entries({
      pure: ['pure'],
      store: ['pure', 'store'],
      domain: ['pure', 'store', 'domain', 'workflow'],
      workflow: ['pure'],
      edge: ['pure', 'app'],
      test: ['pure', 'store', 'test'],
      app: ['pure', 'store', 'domain', 'workflow', 'edge', 'app', 'example'],
      example: ['pure'],
    }).map(([layer, may]) => ({ sourceTag: `layer:${layer}`, onlyDependOnLibsWithTags: [...may, ...more].map((one) => `layer:${one}`) })),
  },
];
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
      '@nx/enforce-module-boundaries': layers(),
    },
  },
  {
    files: ['**/*.spec.ts', '**/src/testing/**/*.ts'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': layers(['test']) },
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
