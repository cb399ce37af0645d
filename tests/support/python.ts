import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** The Python that has the engines of `tests/conformance/requirements.txt`. */
export const python = process.env['SILT_TEST_PYTHON'] ?? 'python3'

const abortAtExit = 'terminate called without an active exception'

/**
 * Whether Python ended well. deltalake's threads for pyarrow now and then abort the interpreter while it ends, after the script's last line:
 * what was printed by then is complete.
 */
export function endedWell(code: number | null, signal: string | null, stdout: string, stderr: string): boolean {
  return code === 0 || (signal === 'SIGABRT' && stdout.endsWith('\n') && stderr.trim() === abortAtExit)
}

/** Runs a script and answers what its last output line holds as JSON; throws with its error output when it fails. */
export async function runPython<T>(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  interpreter = python,
): Promise<T> {
  const child = spawn(interpreter, [script, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stdout: string[] = []
  const stderr: string[] = []
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => stdout.push(chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => stderr.push(chunk))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (!endedWell(code, signal, stdout.join(''), stderr.join('')))
    throw new Error(
      `${script} ended with ${code ?? signal}\n${stdout.join('').slice(-4000)}\n${stderr.join('').slice(-4000)}`,
    )
  const lastLine = stdout.join('').trim().split('\n').at(-1) ?? ''
  return JSON.parse(lastLine) as T
}
