import { readFileSync, writeSync } from 'node:fs'
import { systemClock, systemRandom } from '@silt/core'
import { exitCodes } from './exit-code.ts'
import { runProgram } from './program.ts'

const stop = new AbortController()
let interrupts = 0
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    interrupts++
    if (interrupts > 1) process.exit(exitCodes.failed)
    stop.abort()
  })
}
process.stdout.on('error', () => process.exit(exitCodes.ok))

process.exitCode = await runProgram(process.argv.slice(2), {
  environment: process.env,
  clock: systemClock,
  random: systemRandom,
  signal: stop.signal,
  interactive: process.stderr.isTTY,
  readTextFile: (path) => readFileSync(path, 'utf8'),
  print: (line) => void process.stdout.write(`${line}\n`),
  note: (text) => void writeSync(2, text),
})
// What was left behind at the shutdown deadline holds sockets and timers: it must not hold the process.
process.stdout.write('', () => void setTimeout(() => process.exit(), 1000).unref())
