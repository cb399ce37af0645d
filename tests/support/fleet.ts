import { setTimeout as delay } from 'node:timers/promises'
import { startActor, type ActorKind, type Deployment } from './deployment.ts'
import { type SiltProcess } from './silt-process.ts'

interface Member {
  readonly kind: ActorKind
  readonly process: SiltProcess
}

const killedKeptMax = 200
const killedTails = 6

/** The processes of one deployment under names of their own; one that is killed is started again at once under its name. */
export class Fleet {
  readonly #target: Deployment
  readonly #members = new Map<string, Member>()
  readonly #killed: SiltProcess[] = []
  /** Names of the processes that are stopped now; they are not to be killed. */
  readonly frozen = new Set<string>()
  kills = 0

  constructor(target: Deployment, counts: Readonly<Record<ActorKind, number>>) {
    this.#target = target
    for (const kind of ['committer', 'writer', 'ingestor'] as const)
      for (let index = 0; index < counts[kind]; index++) this.#start(`${kind}-${index}`, kind)
  }

  names(kind?: ActorKind): readonly string[] {
    return [...this.#members].filter(([, member]) => kind === undefined || member.kind === kind).map(([name]) => name)
  }

  process(name: string): SiltProcess {
    const member = this.#members.get(name)
    if (member === undefined) throw new Error(`there is no ${name}`)
    return member.process
  }

  /** SIGKILL, and a new process in its place; returns the wall time of the kill, ms. */
  async kill(name: string): Promise<number> {
    const killed = this.process(name)
    if (!killed.running) throw new Error(`${name} ended before it was killed\n${killed.tail()}`)
    const killedAtMs = Date.now()
    const gone = killed.kill()
    this.#start(name, this.#members.get(name)?.kind ?? 'writer')
    this.kills++
    this.#killed.push(killed)
    if (this.#killed.length > killedKeptMax) this.#killed.shift()
    await gone
    return killedAtMs
  }

  /** SIGSTOP, and SIGCONT after `ms`: a process that does not know how long it was away. */
  async freeze(name: string, ms: number): Promise<void> {
    const frozen = this.process(name)
    this.frozen.add(name)
    process.kill(frozen.pid, 'SIGSTOP')
    await delay(ms)
    process.kill(frozen.pid, 'SIGCONT')
    this.frozen.delete(name)
  }

  /** The committer that took the lease last and has not told of its loss; undefined while none has. */
  activeCommitter(): string | undefined {
    const holders = this.names('committer').flatMap((name) => {
      const turns = this.process(name).logs.filter((line) => /holds the lease|lost the lease/.test(String(line['msg'])))
      const last = turns.at(-1)
      return last !== undefined && String(last['msg']).startsWith('holds') ? [{ name, at: String(last['time']) }] : []
    })
    return holders.sort((a, b) => a.at.localeCompare(b.at)).at(-1)?.name
  }

  /** Processes that ended though nobody killed them. */
  endedByThemselves(): readonly string[] {
    return this.names().filter((name) => !this.process(name).running)
  }

  /** SIGTERM to all; exit codes by name. */
  async terminate(): Promise<Readonly<Record<string, number>>> {
    const codes = await Promise.all(
      this.names().map(async (name) => [name, await this.process(name).terminate()] as const),
    )
    return Object.fromEntries(codes)
  }

  /** Log lines of all processes, killed ones too, by what they say: how often each code or, without one, message was logged at these levels. */
  tally(levels: readonly string[] = ['warn', 'error']): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { logs } of [...this.#killed, ...this.names().map((name) => this.process(name))])
      for (const line of logs) {
        if (!levels.includes(String(line['level']))) continue
        const what = [line['actor'], line['kind'], line['code'] ?? line['msg']]
          .filter((each) => typeof each === 'string')
          .join(' ')
        counts[what] = (counts[what] ?? 0) + 1
      }
    return counts
  }

  /** What a failing test prints. */
  tail(): string {
    return [...this.#killed.slice(-killedTails), ...this.names().map((name) => this.process(name))]
      .map((each) => each.tail(25))
      .join('\n')
  }

  #start(name: string, kind: ActorKind): void {
    this.#members.set(name, { kind, process: startActor(this.#target, kind, name) })
  }
}
