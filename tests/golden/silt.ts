import { runProgram } from '@silt/cli/program'
import { systemClock, systemRandom } from '@silt/core'
import { Redaction } from '@silt/telemetry'

/** Longest a command may take over a golden table, ms. */
const commandMsMax = 120_000

/** How a command of `silt`, run in this process, ended. */
export interface Ended {
  readonly code: number
  readonly printed: string
  readonly told: string
  /** The code of the error it ended with; undefined where it did not end with one of ours. */
  readonly refusedAs: string | undefined
}

export async function silt(...argv: readonly string[]): Promise<Ended> {
  const printed: string[] = []
  const ended = await run((text) => printed.push(text), argv)
  return { ...ended, printed: printed.join('') }
}

silt.into = (take: (text: string) => void, ...argv: readonly string[]): Promise<Omit<Ended, 'printed'>> =>
  run(take, argv)

async function run(take: (text: string) => void, argv: readonly string[]): Promise<Omit<Ended, 'printed'>> {
  let told = ''
  const decoder = new TextDecoder()
  const ended = runProgram(argv, {
    environment: {},
    clock: systemClock,
    random: systemRandom,
    signal: AbortSignal.timeout(commandMsMax),
    interactive: false,
    printsToPerson: false,
    secrets: new Redaction(),
    readTextFile: () => '',
    write: (bytes) => Promise.resolve(take(decoder.decode(bytes, { stream: true }))),
    print: (line) => take(`${line}\n`),
    note: (text) => void (told += text),
  })
  const hung = systemClock.sleep(commandMsMax + 5000).then(() => {
    told += 'it did not end'
    return -1
  })
  const code = await Promise.race([ended, hung])
  return { code, told, refusedAs: /\[([a-z]+\/[a-z0-9-]+)\]\s*$/.exec(told)?.[1] }
}
