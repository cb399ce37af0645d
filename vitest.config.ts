import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import FailureDetails from './scripts/failure-details.js'

// `npm test` adds the reports of every package and tier up.
const reports = process.env['SILT_TEST_REPORTS']

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/*.int.test.ts', '**/*.e2e.test.ts', '**/node_modules/**'],
    // Bounds for what hangs: they cost nothing, and machines are slow at times.
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // kafkajs, the tests' second Kafka client, sets timers to moments that have passed.
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
    passWithNoTests: false,
    reporters: reports === undefined ? ['default'] : ['default', new FailureDetails(), 'json'],
    ...(reports === undefined ? {} : { outputFile: { json: join(reports, `${randomUUID()}.json`) } }),
  },
})
