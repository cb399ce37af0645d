import { systemClock, systemRandom } from '@silt/core'
import { Redaction } from '@silt/telemetry'
import type { Terminal } from '../../src/terminal.ts'

/** A terminal nobody sits at, without settings and files; what goes to either output goes to `say`. */
export function testTerminal(given: Partial<Terminal> = {}, say: (text: string) => void = () => undefined): Terminal {
  return {
    environment: {},
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    interactive: false,
    printsToPerson: false,
    secrets: new Redaction(),
    readTextFile: () => '',
    write: (bytes) => Promise.resolve(say(Buffer.from(bytes).toString())),
    print: (line) => say(`${line}\n`),
    note: say,
    ...given,
  }
}
