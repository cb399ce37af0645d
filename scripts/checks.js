// Plain JavaScript for any Node from 20 on.
import { runProgram } from './run-program.js'

const SOURCES = ['shared', 'services', 'cli', 'tests', 'bench']

/** What must hold for the code as it stands, before anything of it runs. */
const CHECKS = [
  ['types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['dead exports', 'knip', ['--no-progress']],
  ['import arrow', 'depcruise', ['--config', '.dependency-cruiser.js', '--output-type', 'err', ...SOURCES]],
  ['licences', 'node', ['scripts/licences.js']],
  ['dependency audit', 'node', ['scripts/audit.js'], { couldNotRun: 3 }],
]

/** Runs every check, also after one has failed; each counts as one test, but for one that could not be made: it is named in `notRun`. */
export async function runChecks() {
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [], notRun: [] }
  for (const [name, program, args, { couldNotRun } = {}] of CHECKS) {
    const code = await runProgram(program, args, { minutesMax: 5 })
    const isNotRun = code !== 0 && code === couldNotRun
    console.log(`${code === 0 ? 'ok         ' : isNotRun ? 'did not run' : 'FAILED     '} ${name}`)
    if (code === 0) counts.passed += 1
    else if (isNotRun) counts.notRun.push(name)
    else {
      counts.failed += 1
      counts.failures.push({
        name,
        file: '',
        error: `${program} ${args.join(' ')}: exit ${code}; its output above says why`,
      })
    }
  }
  return counts
}
