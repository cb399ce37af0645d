import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { SiltError } from '@silt/core'

const OUTPUT_CHARS_MAX = 4_000

/** The absolute path of a program on PATH. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(folder, name)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {
      continue
    }
  }
  return undefined
}

/** A prerequisite of the test servers that is not on this machine; the message says what to install. */
export function missing(what: string, remedy: string): SiltError {
  return new SiltError('invalid', 'servers/prerequisite-missing', `${what} needs ${remedy}`, { context: { what } })
}

/** A user of this machine. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Runs a program to its end and returns what it printed. Throws `servers/command-failed` with the end of its output. */
export async function runTool(
  file: string,
  args: readonly string[],
  options: { timeoutMs: number; cwd?: string; env?: Readonly<Record<string, string>>; account?: Account },
): Promise<string> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    ...options.account,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(options.timeoutMs),
    killSignal: 'SIGKILL',
  })
  let output = ''
  const keepTail = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_CHARS_MAX)
  }
  child.stdout.on('data', keepTail)
  child.stderr.on('data', keepTail)
  const outcome = await new Promise<number | null | Error>((resolve) => {
    child.on('error', resolve)
    child.on('close', resolve)
  })
  if (outcome === 0) return output
  const why = outcome instanceof Error ? outcome.message : `exit ${String(outcome)}`
  throw new SiltError('unavailable', 'servers/command-failed', `${file} ${args.join(' ')}: ${why}\n${output}`)
}
