import { readFileSync } from 'node:fs'
import { systemClock, systemRandom } from '@silt/core'
import { Redaction } from '@silt/telemetry'
import { runProgram } from '../../src/program.ts'

/** How a command ended: its exit code, and what it wrote to either output. */
export interface Ended {
  readonly code: number
  readonly printed: string
  readonly told: string
}

/** Runs `silt <argv>` in this process, without settings. */
export async function silt(...argv: readonly string[]): Promise<Ended> {
  let printed = ''
  let told = ''
  const code = await runProgram(argv, {
    environment: {},
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    interactive: false,
    printsToPerson: false,
    secrets: new Redaction(),
    readTextFile: (path) => readFileSync(path, 'utf8'),
    write: (bytes) => Promise.resolve(void (printed += Buffer.from(bytes).toString())),
    print: (line) => void (printed += `${line}\n`),
    note: (text) => void (told += text),
  })
  return { code, printed, told }
}
