// Plain JavaScript for any Node from 20 on: `node scripts/prepared.js <file.ts>` runs a file of the tests with the servers and the Python it needs.
import { preparePython, prepareServers } from './prerequisites.js'
import { ensureCompiled } from './plane.js'
import { runProgram } from './run-program.js'

const [file, ...rest] = process.argv.slice(2)
// Help needs no servers.
const reasons = rest.includes('--help')
  ? []
  : [await prepareServers(), await preparePython()].filter((reason) => reason !== undefined)
for (const reason of reasons) console.error(reason)
if (file === undefined) console.error('which file? node scripts/prepared.js <file.ts>')
// A file that is told how long to run gets an hour beyond it.
const minutes = Number(rest[rest.indexOf('--minutes') + 1] ?? 0)
const minutesMax = 60 + (rest.includes('--minutes') && minutes > 0 ? minutes : 0)
const runs = file !== undefined && reasons.length === 0 && ensureCompiled()
process.exitCode = runs ? await runProgram('node', [file, ...rest], { minutesMax }) : 1
