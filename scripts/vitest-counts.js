// Plain JavaScript for any Node from 20 on.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { root } from './run-program.js'

/**
 * Runs `run(folder)`, in which vitest leaves its JSON reports (vitest.config.ts, `SILT_TEST_REPORTS`), and adds them up.
 * A file that could not be loaded or set up counts as one failure, and so does a run that fails without naming a failed test.
 */
export async function countTests(run) {
  const folder = mkdtempSync(join(tmpdir(), 'silt-reports-'))
  try {
    const code = await run(folder)
    const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    const counts = addUp(reports)
    const failures = failedTests(reports)
    if (code !== 0 && counts.failed === 0) {
      counts.failed = 1
      failures.push({ name: `exit ${code}, though no test failed`, file: '', error: 'its output above says why' })
    }
    return { ...counts, failures }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The counts of vitest's JSON reports together. */
export function addUp(reports) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const report of reports) {
    const unloaded = report.testResults.filter(isUnloaded)
    counts.passed += report.numPassedTests
    counts.failed += report.numFailedTests + unloaded.length
    counts.skipped += report.numPendingTests + report.numTodoTests
  }
  return counts
}

/**
 * Name, file and error of every failed test in vitest's JSON reports; `details` are those of failure-details.js.
 * @returns {{ name: string, file: string, error: string, details?: object[] }[]}
 */
export function failedTests(reports) {
  const files = reports.flatMap((report) => report.testResults)
  return files.flatMap((file) => {
    const path = relative(root, file.name)
    if (isUnloaded(file)) return [{ name: 'could not be loaded or set up', file: path, error: file.message ?? '' }]
    return file.assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => ({
        name: test.fullName,
        file: path,
        error: (test.failureMessages ?? []).join('\n'),
        ...(test.meta?.failures ? { details: test.meta.failures } : {}),
      }))
  })
}

function isUnloaded(file) {
  return file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
}
