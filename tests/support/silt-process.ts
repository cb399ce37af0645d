import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'

/** What starts the present build. */
export const launcher = fileURLToPath(new URL('../../cli/bin/silt.js', import.meta.url))
const logLinesMax = 50_000

export type LogLine = Readonly<Record<string, unknown>>

/** One `silt …` process of a test, with its log lines kept. */
export class SiltProcess {
  readonly name: string
  readonly logs: LogLine[] = []
  readonly text: string[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<number>
  #signalled = false

  /** `build` is the launcher of another build of Silt. */
  constructor(
    name: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    build: string = launcher,
  ) {
    this.name = name
    this.#child = spawn(process.execPath, [build, ...args], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], OPS_PORT: '0', LOG_LEVEL: 'debug', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let rest = ''
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#keep(line)
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => this.text.push(chunk))
    this.#ended = once(this.#child, 'close').then(([code]) => (code as number | null) ?? -1)
    live.add(this)
    void this.#ended.then(() => live.delete(this))
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Exit code; -1 when a signal ended it. */
  get ended(): Promise<number> {
    return this.#ended
  }

  async kill(): Promise<void> {
    this.#signalled = true
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async terminate(): Promise<number> {
    this.#signalled = true
    this.#child.kill('SIGTERM')
    return this.#ended
  }

  /** What a failing test prints. */
  tail(lines = 40): string {
    const logs = this.logs.slice(-lines).map((line) => JSON.stringify(line))
    return `--- ${this.name}${this.#signalled ? ' (signalled)' : ''}\n${logs.join('\n')}\n${this.text.slice(-20).join('')}`
  }

  #keep(line: string): void {
    if (this.logs.length >= logLinesMax) this.logs.splice(0, logLinesMax / 2)
    try {
      this.logs.push(JSON.parse(line) as LogLine)
    } catch {
      this.text.push(`${line}\n`)
    }
  }
}

const live = new Set<SiltProcess>()

/** Kills whatever a test left running. */
export async function killAllSilt(): Promise<void> {
  await Promise.all([...live].map((each) => each.kill()))
}

/** Runs one `silt` command to its end. */
export async function silt(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [launcher, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], OPS_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stdout: string[] = []
  const stderr: string[] = []
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => stdout.push(chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => stderr.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? -1, stdout: stdout.join(''), stderr: stderr.join('') }
}
