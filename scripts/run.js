// Plain JavaScript for any Node from 20 on: `node scripts/run.js [<option of node>…] <file.ts>` runs a file of the tests that needs npm packages and nothing else.
import { ensureInstalled } from './install.js'
import { ensureCompiled } from './plane.js'
import { runProgram } from './run-program.js'

const [file, ...rest] = process.argv.slice(2)
if (file === undefined) {
  console.error('which file? node scripts/run.js <file.ts>')
  process.exit(2)
}
if (!ensureInstalled({ dev: true }) || !ensureCompiled()) process.exit(1)
process.exitCode = await runProgram('node', [file, ...rest], { minutesMax: 24 * 60 })
