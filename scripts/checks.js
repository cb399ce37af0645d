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
]

/** Runs every check, also after one has failed; each counts as one test. */
export async function runChecks() {
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] }
  for (const [name, program, args] of CHECKS) {
    const code = await runProgram(program, args, { minutesMax: 5 })
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}`)
    if (code === 0) counts.passed += 1
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
