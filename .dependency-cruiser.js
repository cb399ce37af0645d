// The one import arrow: core → {config, telemetry, contracts, object-store, source, queue, rows, parquet, dataplane, delta, expressions} → services → cli → tests.
const SHIPPED = '/src/'

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'core-imports-nothing',
      comment: 'shared/core depends on nothing but Node.',
      severity: 'error',
      from: { path: '^shared/core/src/' },
      to: { pathNot: '^shared/core/src/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'siblings-import-core-only',
      comment: 'Second-row packages know core and nothing of each other.',
      severity: 'error',
      from: { path: '^shared/([^/]+)/(?:src|contract)/', pathNot: '^shared/(core|queue|rows|dataplane)/' },
      to: { path: '^(shared|services|cli|tests|bench)/', pathNot: ['^shared/$1/', '^shared/core/'] },
    },
    {
      name: 'queue-imports-core-and-contracts-only',
      severity: 'error',
      from: { path: '^shared/queue/(?:src|contract)/' },
      to: { path: '^(shared|services|cli|tests|bench)/', pathNot: '^shared/(core|contracts|queue)/' },
    },
    {
      name: 'rows-import-core-contracts-and-expressions-only',
      comment: "A table's rules of rows are judged where records become rows.",
      severity: 'error',
      from: { path: '^shared/rows/(?:src|contract)/' },
      to: { path: '^(shared|services|cli|tests|bench)/', pathNot: '^shared/(core|contracts|expressions|rows)/' },
    },
    {
      name: 'dataplane-imports-core-contracts-and-rows-only',
      comment: 'What the plane refuses is decoded by rows, whose results are its specification.',
      severity: 'error',
      from: { path: '^shared/dataplane/(?:src|contract)/' },
      to: { path: '^(shared|services|cli|tests|bench)/', pathNot: '^shared/(core|contracts|rows|dataplane)/' },
    },
    {
      name: 'services-do-not-know-each-other',
      severity: 'error',
      from: { path: '^services/([^/]+)/src/' },
      to: { path: '^(services|cli|tests|bench)/', pathNot: '^services/$1/' },
    },
    {
      name: 'cli-does-not-know-tests',
      severity: 'error',
      from: { path: '^cli/src/' },
      to: { path: '^(tests|bench)/' },
    },
    {
      name: 'cli-reads-parquet-only',
      comment:
        'apache-arrow and parquet-wasm are some 30 MB of every process that loads them: @silt/parquet/reader does without.',
      severity: 'error',
      from: { path: '^cli/src/' },
      to: { path: '^shared/parquet/src/', pathNot: '^shared/parquet/src/reader\\.ts$' },
    },
    {
      name: 'tests-of-a-package-stay-below-services',
      comment: "A shared package's own tests may combine shared packages, not services.",
      severity: 'error',
      from: { path: '^shared/[^/]+/test/' },
      to: { path: '^(services|cli|tests|bench)/' },
    },
    {
      name: 'shipped-code-does-not-import-tests',
      severity: 'error',
      from: { path: SHIPPED },
      to: { path: '/(test|contract)/|\\.test\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript has a compiler of its own.
    exclude: { path: '(^|/)node_modules/|^shared/dataplane/assembly/|^shared/delta/package/dist/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
}
