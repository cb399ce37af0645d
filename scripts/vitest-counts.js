// Plain JavaScript for any Node from 20 on.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Runs `run(folder)`, in which vitest leaves its JSON reports (vitest.config.ts, `SILT_TEST_REPORTS`), and adds them up.
 * A file that could not be loaded counts as one failure, and so does a run that fails without naming a failed test.
 */
export async function countTests(run) {
  const folder = mkdtempSync(join(tmpdir(), 'silt-reports-'))
  try {
    const code = await run(folder)
    const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    const counts = addUp(reports)
    if (code !== 0 && counts.failed === 0) counts.failed = 1
    return counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The counts of vitest's JSON reports together. */
export function addUp(reports) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const report of reports) {
    const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
    counts.passed += report.numPassedTests
    counts.failed += report.numFailedTests + unloaded.length
    counts.skipped += report.numPendingTests + report.numTodoTests
  }
  return counts
}
