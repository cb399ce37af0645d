import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program and answers all it printed to stdout; rejects with what it said on stderr. */
export async function capture(
  file: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>>; readonly msMax?: number } = {},
): Promise<string> {
  const child = spawn(file, args, {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(options.msMax ?? 60_000),
    killSignal: 'SIGKILL',
  })
  const stdout: string[] = []
  const stderr: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
  // It may end without reading.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0) return stdout.join('')
  throw new Error(`${file} ${args.join(' ')}: exit ${String(code)}\n${stderr.join('')}${stdout.join('')}`.trim())
}
