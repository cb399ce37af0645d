import { isSiltError } from '@silt/core'
import { startActor, type RunningActor } from './actors.ts'
import type { ActorKind } from './actor-kind.ts'
import type { Violation } from './history.ts'
import type { SimProcess } from './process.ts'
import type { World } from './world.ts'

/** Codes with which an actor may end by itself, to be started again. */
const expectedEnds = new Set([
  'delta/table-replaced',
  'delta/unsupported-feature',
  'store/denied',
  'committer/table-changed',
])
/** Its own deadline, and the longest that what it waits for may take. */
const stopDeadlineMs = 20_000

/** Keeps one of each replica running, as an orchestrator does: what ends is started again. */
export class Supervisor {
  readonly violations: Violation[] = []
  readonly #world: World
  readonly #running = new Map<string, RunningActor>()
  /** Of every life there was. */
  readonly #signals: AbortController[] = []
  #isOver = false
  #asleepUntilMs = 0

  constructor(world: World) {
    this.#world = world
  }

  startAll(): void {
    const { ingestors, writers, committers } = this.#world.scenario
    const counts: Readonly<Record<ActorKind, number>> = { ingestor: ingestors, writer: writers, committer: committers }
    for (const kind of ['committer', 'ingestor', 'writer'] as const)
      for (let number = 1; number <= counts[kind]; number++) this.#start(kind, number)
  }

  actor(kind: ActorKind, number: number): RunningActor | undefined {
    return this.#running.get(`${kind}-${number}`)
  }

  get all(): readonly RunningActor[] {
    return [...this.#running.values()]
  }

  /** SIGKILL, and a new life a little later. */
  kill(kind: ActorKind, number: number): void {
    this.actor(kind, number)?.process.kill()
    this.#startLater(kind, number)
  }

  /** SIGKILL of this very process, wherever it is; an actor has a new life a little later. */
  crash(process: SimProcess): void {
    process.kill()
    const { kind, number } = process
    if (kind === 'operator' || kind === 'engine') return
    // Its first call comes while it is being started: only then is it the one that runs.
    this.#world.scheduler.after(0, () => {
      if (this.actor(kind, number)?.process === process) this.#startLater(kind, number)
    })
  }

  /** SIGTERM: the actor ends by itself within its deadline, and a new life begins. */
  restart(kind: ActorKind, number: number): void {
    const actor = this.actor(kind, number)
    if (actor === undefined || actor.process.isStopped) return
    actor.stopping.abort()
    this.#world.scheduler.after(stopDeadlineMs, () => {
      if (this.actor(kind, number) !== actor || !actor.process.isAlive || actor.process.isStopped) return
      this.violations.push({
        name: 'stop-late',
        detail: `${actor.process.name} did not end within ${stopDeadlineMs} ms of SIGTERM`,
      })
      actor.process.kill()
    })
  }

  /** Nothing is started for `ms`; what has been killed, then. */
  sleep(ms: number): void {
    this.#asleepUntilMs = this.#world.scheduler.nowMs + ms
    for (const { process } of [...this.#running.values()])
      if (!process.isAlive) this.#startLater(process.kind as ActorKind, process.number)
  }

  /** Nothing is started any more; what runs is killed. */
  end(): void {
    this.#isOver = true
    for (const { process } of this.#running.values()) process.kill()
    // Node keeps a signal made of others, and all that listens to it, until it is aborted: the dead would stay in memory. They hear nothing of it.
    for (const stopping of this.#signals.splice(0)) stopping.abort('the run is over')
  }

  #start(kind: ActorKind, number: number): void {
    if (this.#isOver) return
    const name = `${kind}-${number}`
    const actor: RunningActor = startActor(this.#world, kind, number, (error) => {
      if (!actor.process.isAlive) return
      actor.process.kill()
      this.#judgeEnd(actor, error)
      if (this.#running.get(name) === actor) this.#startLater(kind, number)
    })
    this.#running.set(name, actor)
    this.#signals.push(actor.stopping)
  }

  #judgeEnd({ process, stopping }: RunningActor, error: unknown): void {
    if (error === undefined && stopping.signal.aborted) return
    if (isSiltError(error) && expectedEnds.has(error.code)) return
    const why = isSiltError(error)
      ? `${error.code}: ${error.message}\n${error.cause instanceof Error ? (error.cause.stack ?? '') : ''}`
      : String(error)
    this.violations.push({ name: 'actor-ended', detail: `${process.name} ended by itself: ${why}` })
  }

  #startLater(kind: ActorKind, number: number): void {
    const name = `${kind}-${number}`
    this.#running.delete(name)
    const { scheduler, draws } = this.#world
    const asleepMs = Math.max(0, this.#asleepUntilMs - scheduler.nowMs)
    scheduler.after(asleepMs + draws.between(50, 1500), () => {
      if (this.#running.has(name)) return
      if (scheduler.nowMs < this.#asleepUntilMs) this.#startLater(kind, number)
      else this.#start(kind, number)
    })
  }
}
