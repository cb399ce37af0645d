import js from '@eslint/js'
import tseslint from 'typescript-eslint'

// Time, randomness and settings are handed in. Only these may reach for them: the one place that defines them, the roots that
// compose a process, and code that tests or measures.
const AMBIENT_ALLOWED = [
  'shared/core/**',
  '**/main.ts',
  'cli/**',
  'scripts/**',
  'tests/**',
  'bench/**',
  '**/test/**',
  '**/contract/**',
  '**/examples/**',
  '*.config.{ts,js}',
]

// What pages that a service hands to browsers may use.
const BROWSER_GLOBALS = [
  'addEventListener',
  'Blob',
  'crypto',
  'document',
  'fetch',
  'innerHeight',
  'innerWidth',
  'localStorage',
  'location',
  'navigator',
  'URLSearchParams',
]

const USE_CLOCK = 'Time is handed in: take a Clock (@silt/core).'
const USE_RANDOM = 'Randomness is handed in: take a Random (@silt/core).'
const USE_SETTINGS = 'Settings are handed in: main.ts reads the environment.'

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '**/.turbo/',
      '**/coverage/',
      'data/',
      'docs/',
      'deploy/',
      'shared/dataplane/assembly/',
      'shared/delta/package/dist/',
    ],
  },
  // A rule that does not fit is changed here, for everybody.
  { linterOptions: { noInlineConfig: true } },
  js.configs.recommended,
  {
    files: ['**/*.js'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', performance: 'readonly', URL: 'readonly' },
    },
  },
  {
    files: ['scripts/**/*.js', 'cli/bin/**/*.js'],
    languageOptions: { globals: { setTimeout: 'readonly', clearTimeout: 'readonly' } },
  },
  {
    files: ['services/*/src/**/assets/*.js'],
    languageOptions: { globals: Object.fromEntries(BROWSER_GLOBALS.map((name) => [name, 'readonly'])) },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { minimumDescriptionLength: 1_000 }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unnecessary-type-arguments': 'error',
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      // A port's method may be synchronous in one adapter and not in another.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Grafana reads its older model of a dashboard everywhere, the newer one from files only in newer servers.
    files: ['tests/observability/build-dashboard.ts'],
    rules: { '@typescript-eslint/no-deprecated': 'off' },
  },
  {
    rules: {
      eqeqeq: 'error',
      // File names and keys are refused by their control characters.
      'no-control-regex': 'off',
      'max-lines': ['error', { max: 400 }],
      'no-restricted-imports': ['error', { patterns: [crossPackagePaths()] }],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: AMBIENT_ALLOWED,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: USE_CLOCK },
        { object: 'performance', property: 'now', message: USE_CLOCK },
        { object: 'process', property: 'hrtime', message: USE_CLOCK },
        { object: 'process', property: 'uptime', message: USE_CLOCK },
        { object: 'Math', property: 'random', message: USE_RANDOM },
        { object: 'crypto', property: 'randomUUID', message: USE_RANDOM },
        { object: 'crypto', property: 'getRandomValues', message: USE_RANDOM },
        { object: 'process', property: 'env', message: USE_SETTINGS },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: USE_CLOCK },
        { selector: 'CallExpression[callee.name="Date"]', message: USE_CLOCK },
      ],
      'no-restricted-globals': [
        'error',
        {
          checkGlobalObject: true,
          globals: [
            { name: 'setTimeout', message: USE_CLOCK },
            { name: 'setInterval', message: USE_CLOCK },
          ],
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:timers', message: USE_CLOCK },
            { name: 'node:timers/promises', message: USE_CLOCK },
            { name: 'node:perf_hooks', importNames: ['performance'], message: USE_CLOCK },
            {
              name: 'node:crypto',
              importNames: ['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync', 'getRandomValues', 'webcrypto'],
              message: USE_RANDOM,
            },
            { name: 'node:process', importNames: ['env', 'hrtime', 'uptime'], message: USE_SETTINGS },
          ],
          patterns: [crossPackagePaths()],
        },
      ],
    },
  },
  // The model and the slice that appends drive functions that the services keep to themselves; all of them are named in these files.
  { files: ['tests/model/product.ts', 'tests/support/append-parts.ts'], rules: { 'no-restricted-imports': 'off' } },
)

function crossPackagePaths() {
  return {
    regex: String.raw`(^|/)\.\./([^./][^/]*/)+src/`,
    message: 'Another package is imported by its name, and gives what its index.ts gives.',
  }
}
