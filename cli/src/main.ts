import { readFileSync, writeSync } from 'node:fs'
import { systemClock, systemRandom } from '@silt/core'
import { Redaction } from '@silt/telemetry/redaction'
import { exitCodes } from './exit-code.ts'
import { runProgram } from './program.ts'

const stop = new AbortController()
/** The first asks to stop, the second means at once; the launcher passes on what this process may have got as well. */
const interrupts = { own: 0, passedOn: 0 }
function interrupt(way: keyof typeof interrupts): void {
  if (++interrupts[way] > 1) process.exit(exitCodes.failed)
  stop.abort()
}
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt('own'))
process.on('message', (message) => {
  if (message === 'SIGINT' || message === 'SIGTERM') interrupt('passedOn')
})
process.stdout.on('error', () => process.exit(exitCodes.ok))

const secrets = new Redaction()
process.exitCode = await runProgram(process.argv.slice(2), {
  environment: process.env,
  clock: systemClock,
  random: systemRandom,
  signal: stop.signal,
  interactive: process.stderr.isTTY,
  secrets,
  readTextFile: (path) => readFileSync(path, 'utf8'),
  printsToPerson: process.stdout.isTTY,
  write: (bytes) =>
    new Promise<void>((resolve, reject) => {
      process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))
    }),
  print: (line) => void process.stdout.write(`${line}\n`),
  note: (text) => void writeSync(2, secrets.apply(text)),
})
// What was left behind at the shutdown deadline holds sockets and timers: it must not hold the process.
process.stdout.write('', () => void setTimeout(() => process.exit(), 1000).unref())
