import { readFileSync } from 'node:fs'
import { runProgram } from '../../src/program.ts'
import { testTerminal } from './terminal.ts'

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
  const terminal = testTerminal(
    {
      readTextFile: (path) => readFileSync(path, 'utf8'),
      write: (bytes) => Promise.resolve(void (printed += Buffer.from(bytes).toString())),
      print: (line) => void (printed += `${line}\n`),
    },
    (text) => void (told += text),
  )
  const code = await runProgram(argv, terminal)
  return { code, printed, told }
}
