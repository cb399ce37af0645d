import { readFileSync } from 'node:fs'
import { runProgram } from '@silt/cli/program'
import { systemClock, systemRandom } from '@silt/core'
import { Redaction } from '@silt/telemetry'

/** Longest a command may take, ms. */
const commandMsMax = 120_000

/** How a command of `silt`, run in this process, ended. */
export interface Ended {
  readonly code: number
  readonly printed: string
  readonly told: string
  /** The code of the error it ended with; undefined where it did not end with one of ours. */
  readonly refusedAs: string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Runs `silt <argv>` to its end; a command that does not end is told so. */
export async function siltCommand(argv: readonly string[], environment: Environment = {}): Promise<Ended> {
  const printed: string[] = []
  const ended = await siltInto((text) => printed.push(text), argv, environment)
  return { ...ended, printed: printed.join('') }
}

/** The same, with what it prints handed over as it comes. */
export async function siltInto(
  take: (text: string) => void,
  argv: readonly string[],
  environment: Environment = {},
): Promise<Omit<Ended, 'printed'>> {
  let told = ''
  const decoder = new TextDecoder()
  const ended = runProgram(argv, {
    environment,
    clock: systemClock,
    random: systemRandom,
    signal: AbortSignal.timeout(commandMsMax),
    interactive: false,
    printsToPerson: false,
    secrets: new Redaction(),
    readTextFile: (path) => readFileSync(path, 'utf8'),
    write: (bytes) => Promise.resolve(take(decoder.decode(bytes, { stream: true }))),
    print: (line) => take(`${line}\n`),
    note: (text) => void (told += text),
  })
  const waited = new AbortController()
  const hung = systemClock.sleep(commandMsMax + 5000, waited.signal).then(
    () => 'hung' as const,
    () => 'hung' as const,
  )
  const first = await Promise.race([ended, hung])
  waited.abort()
  const code = first === 'hung' ? -1 : first
  if (first === 'hung') told += 'it did not end'
  return { code, told, refusedAs: /\[([a-z]+\/[a-z0-9-]+)\]\s*$/.exec(told)?.[1] }
}
