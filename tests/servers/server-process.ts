import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SiltError } from '@silt/core'
import type { ServerCommand } from './engine.ts'
import { untilFree } from './ports.ts'
import { findProgram } from './tools.ts'

const READY_POLL_MS = 50
const LOG_LINES_SHOWN = 20
const PORT_FREE_MS_MAX = 10_000

/** How one server is started, asked whether it serves, and stopped. */
export interface ServerPlan {
  readonly name: string
  readonly dataDir: string
  readonly ports: readonly number[]
  readonly command: ServerCommand
  /** True once clients are served; a throw means not yet. */
  readonly ready: () => Promise<boolean>
  /** Asks the server to end; without it SIGTERM does. */
  readonly askToStop?: () => Promise<void>
  readonly startMsMax: number
  readonly stopMsMax: number
}

/** What every server handle of the harness can do. Data and ports survive `stop`, `kill` and `restart`. */
export interface ServerHandle<Settings> {
  readonly settings: Settings
  readonly pid: number | undefined
  start(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  restart(): Promise<void>
  /** Stops the server and deletes its data. */
  dispose(): Promise<void>
}

/**
 * A real server as a child process. It never outlives this process: exits and signals kill it, and on Linux the kernel
 * does so even when this process is killed itself.
 */
export class ServerProcess {
  readonly #plan: ServerPlan
  #child: ChildProcess | undefined
  #ended: Promise<unknown> = Promise.resolve()

  constructor(plan: ServerPlan) {
    this.#plan = plan
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when the server serves. Throws `servers/not-ready` with the end of its log. */
  async start(): Promise<void> {
    if (this.#child !== undefined) return
    await untilFree(this.#plan.ports, PORT_FREE_MS_MAX)
    const { command, dataDir } = this.#plan
    const log = openSync(this.#logPath, 'a')
    const [file, ...args] = leashed(command.file, command.args)
    const env = { ...process.env, ...command.env }
    const child = spawn(file, args, { cwd: dataDir, env, ...command.account, stdio: ['ignore', log, log] })
    closeSync(log)
    this.#child = child
    this.#ended = new Promise((resolve) => {
      child.once('error', resolve)
      child.once('exit', resolve)
    }).then(() => {
      this.#child = undefined
      live.delete(this)
    })
    guardExit()
    live.add(this)
    await this.#untilReady()
  }

  async stop(): Promise<void> {
    if (this.#child === undefined) return
    if (this.#plan.askToStop === undefined) this.#child.kill('SIGTERM')
    else await this.#plan.askToStop().catch(() => this.#child?.kill('SIGTERM'))
    if (!(await this.#endsWithin(this.#plan.stopMsMax))) await this.kill()
  }

  async kill(): Promise<void> {
    this.killNow()
    if (!(await this.#endsWithin(this.#plan.stopMsMax))) {
      throw new SiltError(
        'internal',
        'servers/not-killed',
        `${this.#plan.name} (pid ${String(this.pid)}) outlives SIGKILL`,
      )
    }
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  async dispose(): Promise<void> {
    await this.stop()
    rmSync(this.#plan.dataDir, { recursive: true, force: true })
  }

  /** Sends SIGKILL without waiting. */
  killNow(): void {
    const { container } = this.#plan.command
    if (container !== undefined) spawnSync('docker', ['kill', container], { stdio: 'ignore', timeout: 10_000 })
    this.#child?.kill('SIGKILL')
  }

  /** For the last moment of this process: nothing may await any more. */
  killAndDelete(): void {
    this.killNow()
    rmSync(this.#plan.dataDir, { recursive: true, force: true })
  }

  get #logPath(): string {
    return join(this.#plan.dataDir, 'server.log')
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + this.#plan.startMsMax
    for (;;) {
      if (this.#child === undefined) throw this.#notReady('ended before it was ready')
      if (await this.#plan.ready().catch(() => false)) return
      if (performance.now() > deadline) {
        const error = this.#notReady(`not ready within ${this.#plan.startMsMax} ms`)
        await this.kill()
        throw error
      }
      await delay(READY_POLL_MS)
    }
  }

  #notReady(what: string): SiltError {
    const tail = readFileSync(this.#logPath, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n')
    return new SiltError('unavailable', 'servers/not-ready', `${this.#plan.name} ${what}:\n${tail}`)
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const timer = new AbortController()
    const ended = this.#ended.then(() => true)
    const late = delay(ms, false, { signal: timer.signal }).catch(() => false)
    const outcome = await Promise.race([ended, late])
    timer.abort()
    return outcome
  }
}

/** A fresh folder for one server's data, log and settings. */
export function newDataDir(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `silt-${name}-`))
}

/** The handle of a process with its connection settings. */
export function handleOf<Settings>(server: ServerProcess, settings: Settings): ServerHandle<Settings> {
  return {
    settings,
    get pid() {
      return server.pid
    },
    start: () => server.start(),
    stop: () => server.stop(),
    kill: () => server.kill(),
    restart: () => server.restart(),
    dispose: () => server.dispose(),
  }
}

const live = new Set<ServerProcess>()
let guarded = false

function guardExit(): void {
  if (guarded) return
  guarded = true
  const killAll = (): void => {
    for (const server of live) server.killAndDelete()
  }
  process.once('exit', killAll)
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.once(signal, () => {
      killAll()
      // Whoever else listens decides when to end; alone, this process ends as the signal asks.
      if (process.listenerCount(signal) === 0) process.exit(128 + number)
    })
  }
}

// The kernel kills a leashed child when its parent dies, whatever the parent died of. `setpriv` executes in place: same pid.
function leashed(file: string, args: readonly string[]): [string, ...string[]] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined
  return setpriv === undefined ? [file, ...args] : [setpriv, '--pdeathsig', 'KILL', '--', file, ...args]
}
