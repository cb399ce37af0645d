import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { LogLine, SiltProcess } from '../support/silt-process.ts'

const restartMs = 500
const logBytesMax = 16 * 2 ** 20
const saidMax = 20_000

interface Member {
  process: SiltProcess
  /** Log lines that were kept in its file. */
  written: number
  restarts: number
}

export interface SelfEnded {
  readonly name: string
  readonly code: number
  readonly lastWords: string
}

/** Processes under names of their own, each started anew whenever it ended, and their logs in one folder, bounded. */
export class Squad {
  readonly #start: (name: string) => SiltProcess
  readonly #folder: string
  readonly #members = new Map<string, Member>()
  readonly #watches: Promise<void>[] = []
  readonly #writing: NodeJS.Timeout
  /** Warnings and errors of all, oldest first, as far back as there is room. */
  readonly #said: LogLine[] = []
  readonly #messages = new Map<string, number>()
  #isEnding = false
  /** Processes that ended though nobody had killed them. */
  readonly selfEnded: SelfEnded[] = []

  constructor(names: readonly string[], start: (name: string) => SiltProcess, folder: string) {
    this.#start = start
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
    for (const name of names) {
      this.#members.set(name, { process: start(name), written: 0, restarts: 0 })
      this.#watches.push(this.#keepAlive(name))
    }
    this.#writing = setInterval(() => this.#writeLogs(), 1_000)
  }

  get restarts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#members].map(([name, { restarts }]) => [name, restarts]))
  }

  /** SIGKILL; a new process takes its place. */
  async kill(name: string): Promise<void> {
    await this.#member(name).process.kill()
  }

  /** SIGSTOP, and SIGCONT after `ms`, unless it was killed in between. */
  async freeze(name: string, ms: number): Promise<void> {
    const { process: frozen } = this.#member(name)
    if (frozen.running) process.kill(frozen.pid, 'SIGSTOP')
    await delay(ms)
    if (frozen.running) process.kill(frozen.pid, 'SIGCONT')
  }

  pid(name: string): number {
    return this.#member(name).process.pid
  }

  logs(name: string): readonly LogLine[] {
    return this.#member(name).process.logs
  }

  /** How often each warning or error was logged between two wall times, those of most first. */
  said(
    fromMs: number,
    toMs: number,
    levels: readonly string[] = ['warn', 'error'],
  ): readonly (readonly [string, number])[] {
    this.#writeLogs()
    const counts = new Map<string, number>()
    for (const line of this.#said) {
      const atMs = Date.parse(String(line['time']))
      if (atMs < fromMs || atMs > toMs || !levels.includes(String(line['level']))) continue
      const what = [line['actor'], line['kind'], line['code'] ?? line['msg']]
        .filter((each) => typeof each === 'string')
        .join(' ')
      counts.set(what, (counts.get(what) ?? 0) + 1)
    }
    return [...counts].sort(([, a], [, b]) => b - a)
  }

  /** How often a message was logged (up to its colon), at any level that is logged at all. */
  times(message: string): number {
    this.#writeLogs()
    return this.#messages.get(message) ?? 0
  }

  /** SIGTERM to all; exit codes by name. */
  async terminate(): Promise<Readonly<Record<string, number>>> {
    this.#isEnding = true
    const codes = await Promise.all(
      [...this.#members].map(async ([name, member]) => [name, await member.process.terminate()] as const),
    )
    await this.#end()
    return Object.fromEntries(codes)
  }

  async killAll(): Promise<void> {
    this.#isEnding = true
    await Promise.all([...this.#members.values()].map((member) => member.process.kill()))
    await this.#end()
  }

  async #end(): Promise<void> {
    await Promise.all(this.#watches)
    clearInterval(this.#writing)
    this.#writeLogs()
  }

  async #keepAlive(name: string): Promise<void> {
    const member = this.#member(name)
    for (;;) {
      const code = await member.process.ended
      if (this.#isEnding) return
      this.#write(name, member)
      // A signal's code is -1: nobody but this squad sends any.
      if (code !== -1) this.selfEnded.push({ name, code, lastWords: member.process.tail(5).slice(-2_000) })
      await delay(restartMs)
      if (this.#ending()) return
      member.restarts++
      member.written = 0
      member.process = this.#start(name)
    }
  }

  #ending(): boolean {
    return this.#isEnding
  }

  #member(name: string): Member {
    const member = this.#members.get(name)
    if (member === undefined) throw new RangeError(`there is no ${name}`)
    return member
  }

  #writeLogs(): void {
    for (const [name, member] of this.#members) this.#write(name, member)
  }

  #write(name: string, member: Member): void {
    const { logs, text, pid } = member.process
    const fresh = logs.slice(Math.min(member.written, logs.length))
    const words = text.splice(0)
    member.written = logs.length
    if (fresh.length + words.length === 0) return
    for (const { msg } of fresh) {
      const message = String(msg).split(':')[0] ?? ''
      this.#messages.set(message, (this.#messages.get(message) ?? 0) + 1)
    }
    this.#said.push(...fresh.filter(({ level }) => level === 'warn' || level === 'error'))
    if (this.#said.length > saidMax) this.#said.splice(0, this.#said.length - saidMax)
    const path = join(this.#folder, `${name}.log`)
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > logBytesMax) renameSync(path, `${path}.older`)
    appendFileSync(path, [...fresh.map((line) => `${pid} ${JSON.stringify(line)}\n`), ...words].join(''))
  }
}
