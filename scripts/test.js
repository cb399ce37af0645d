// Plain JavaScript for any Node from 20 on: `npm test`, or `npm test -- unit integration` for some tiers.
import { runChecks } from './checks.js'
import { failureLines } from './failure-lines.js'
import { ensureInstalled } from './install.js'
import { ensureCompiled } from './plane.js'
import { findBrowser, preparePython, prepareServers, prepareSpark } from './prerequisites.js'
import { runProgram } from './run-program.js'
import { countTests } from './vitest-counts.js'

const vitest = (tier, minutesMax) => () =>
  countTests((reports) =>
    runProgram('vitest', ['run', '--config', `tests/vitest.${tier}.config.ts`], {
      minutesMax,
      env: { SILT_TEST_REPORTS: reports },
    }),
  )

const unit = () =>
  countTests((reports) =>
    runProgram('turbo', ['run', 'test', '--continue', '--concurrency=2', '--output-logs=full'], {
      minutesMax: 15,
      env: { SILT_TEST_REPORTS: reports },
    }),
  )

const TIERS = [
  { name: 'checks', needs: [], run: runChecks },
  { name: 'unit', needs: [], run: unit },
  { name: 'simulation', needs: [], run: vitest('simulation', 10) },
  { name: 'integration', needs: [prepareServers, preparePython], run: vitest('integration', 15) },
  { name: 'e2e', needs: [prepareServers, preparePython], run: vitest('e2e', 20) },
  { name: 'browser', needs: [prepareServers, preparePython, findBrowser], run: vitest('browser', 10) },
  { name: 'conformance', needs: [prepareServers, preparePython], run: vitest('conformance', 15) },
  { name: 'spark', needs: [prepareSpark], run: vitest('spark', 10) },
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !TIERS.some((tier) => tier.name === name))
if (unknown.length > 0) {
  console.error(`no such tier: ${unknown.join(', ')}. Tiers: ${TIERS.map((tier) => tier.name).join(', ')}`)
  process.exit(2)
}
if (!ensureInstalled({ dev: true }) || !ensureCompiled()) process.exit(1)

const results = []
for (const tier of TIERS) {
  if (wanted.length > 0 && !wanted.includes(tier.name)) results.push({ name: tier.name, reason: 'not asked for' })
  else results.push(await runTier(tier))
}
report(results)

async function runTier({ name, needs, run }) {
  console.log(`\n== ${name}`)
  const prepareStartMs = performance.now()
  try {
    for (const prepare of needs) {
      const reason = await prepare()
      if (reason !== undefined) return cannotRun(name, reason)
    }
    const startMs = performance.now()
    const counts = await run()
    const preparedMinutes = (startMs - prepareStartMs) / 60_000
    return { name, counts, minutes: (performance.now() - startMs) / 60_000, preparedMinutes }
  } catch (error) {
    console.error(error)
    return { name, counts: oneFailure('could not be run', String(error)), minutes: 0, preparedMinutes: 0 }
  }
}

// Where everything is meant to be there, a tier that cannot run is a failure: nobody reads the reason.
function cannotRun(name, reason) {
  const counts = process.env.CI === 'true' ? oneFailure('did not run', reason) : undefined
  return { name, reason, counts, minutes: 0, preparedMinutes: 0 }
}

function oneFailure(name, error) {
  return { passed: 0, failed: 1, skipped: 0, failures: [{ name, file: '', error }] }
}

function report(tiers) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  console.log('\ntier         passed  failed  skipped  minutes')
  for (const { name, counts, minutes } of tiers.filter((tier) => tier.counts !== undefined)) {
    const cells = [counts.passed, counts.failed, counts.skipped].map((count, i) => String(count).padStart([6, 8, 9][i]))
    console.log(`${name.padEnd(13)}${cells.join('')}${minutes.toFixed(1).padStart(9)}`)
    for (const key of Object.keys(total)) total[key] += counts[key]
  }
  for (const { name, reason } of tiers) if (reason !== undefined) console.log(`did not run: ${name}: ${reason}`)
  for (const { name, counts } of tiers)
    for (const part of counts?.notRun ?? []) console.log(`did not run: ${name}: ${part}: its output above says why`)
  const prepared = tiers.reduce((sum, tier) => sum + (tier.preparedMinutes ?? 0), 0)
  const ran = tiers.reduce((sum, tier) => sum + (tier.minutes ?? 0), 0)
  console.log(`minutes: ${ran.toFixed(1)} in tiers, ${prepared.toFixed(1)} preparing servers and engines`)
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  for (const line of failureLines(tiers)) console.log(line)
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
}
