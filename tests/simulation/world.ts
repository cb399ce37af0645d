import { deadLetterPointerAppId, parseCommitRecord, partitionProgress } from '@silt/contracts'
import { commitInfoOf, commitKey, decodeEntry, decodePath } from '@silt/delta'
import { CallFaults, noFaults, type CallTarget, type Weather } from './call-faults.ts'
import { drawsFor, type Draws } from './draws.ts'
import type { History, LandedEntry, TableName } from './history.ts'
import { JobWatch } from './job-watch.ts'
import { LandingWatch } from './landing-watch.ts'
import { columnsMax } from './limits.ts'
import { MemoryPressure } from './memory-pressure.ts'
import { Bucket } from './ports/bucket.ts'
import { ServerLease, ServerQueue } from './ports/redis.ts'
import { SimGroup } from './ports/sim-group.ts'
import { SimProcess, type CallWatch, type PortCall, type ProcessKind } from './process.ts'
import { Recorder } from './recorder.ts'
import type { Scenario } from './scenario.ts'
import { Scheduler } from './scheduler.ts'
import { SimParquet } from './sim-parquet.ts'
import { Tally } from './tally.ts'
import { topic, TruthKeeper } from './truth-keeper.ts'

/** Wall time at virtual 0, ms. */
export const startMs = Date.UTC(2026, 10, 22)

/** `act` hears of the process the next time one of that kind is about to ask `operation`, or has the answer, `pass` of them later. */
export interface Trap {
  readonly actor: ProcessKind
  readonly operation: string
  /** Only a version put into the log of this table. */
  readonly table?: TableName
  readonly when: 'before' | 'after'
  readonly pass: number
  readonly act: (process: SimProcess, call: PortCall) => void
}

/** Everything there is besides Silt's processes: servers, brokers, the machine they run on. */
export class World {
  readonly scenario: Scenario
  readonly scheduler = new Scheduler()
  readonly parquet = new SimParquet()
  readonly recorder: Recorder
  readonly main: Bucket
  readonly deadLetters: Bucket
  readonly writeQueue: ServerQueue
  readonly commitQueue: ServerQueue
  readonly lease: ServerLease
  readonly truth: TruthKeeper
  readonly group: SimGroup
  readonly faults: CallFaults
  /** For what is not a call: which member gets what, when a restart comes. */
  readonly draws: Draws
  /** `txn`s as landed, by table and app id. */
  readonly txns: Readonly<Record<TableName, Map<string, number>>> = { main: new Map(), 'dead-letters': new Map() }
  readonly jobs = new JobWatch(this.txns.main)
  readonly landings: LandingWatch
  readonly outages = new Set<CallTarget>()
  /** What of note took place. */
  readonly tally = new Tally()
  readonly #pressure: MemoryPressure
  #openUntilMs = 0
  #deeds = 0
  /** SIGKILL of a process; what was an actor is started again. */
  onCrash: (process: SimProcess) => void = (process) => process.kill()
  readonly #watch: CallWatch
  readonly #lives = new Map<string, number>()
  readonly #commands: SimProcess[] = []
  readonly #traps = new Set<{ -readonly [K in keyof Trap]: Trap[K] }>()

  constructor(scenario: Scenario, muted: ReadonlySet<string>, watch: CallWatch) {
    const { scheduler } = this
    this.scenario = scenario
    this.#watch = watch
    const nowMs = (): number => Math.floor(startMs + scheduler.nowMs)
    this.draws = drawsFor(scenario.seed, 0x1d)
    this.#pressure = new MemoryPressure(
      () => scheduler.nowMs,
      drawsFor(scenario.seed, 0x5d),
      () => (this.isCalm ? 0 : (scenario.memoryShort ?? 0)),
    )
    this.recorder = new Recorder(
      () => scheduler.nowMs,
      (entry) => this.#landed(entry),
    )
    this.landings = new LandingWatch(this.recorder.files, columnsMax)
    this.main = new Bucket('main', nowMs, this.recorder, this.jobs, this.tally)
    this.deadLetters = new Bucket('dead-letters', nowMs, this.recorder, this.jobs, this.tally)
    const chances = { ...scenario.redis }
    scheduler.after(scenario.calmFromMs, () => Object.assign(chances, { resultLost: 0, resultTwice: 0, outOfOrder: 0 }))
    const redis = { scheduler, chances, watch: this.jobs, tally: this.tally }
    this.writeQueue = new ServerQueue('silt-t-write-v1', drawsFor(scenario.seed, 0x2d), redis)
    this.commitQueue = new ServerQueue('silt-t-commit-v1', drawsFor(scenario.seed, 0x3d), redis)
    this.lease = new ServerLease(() => scheduler.nowMs)
    this.truth = new TruthKeeper({ nowMs, monotonicMs: () => scheduler.nowMs, sleep: () => Promise.resolve() })
    this.group = new SimGroup(scheduler, drawsFor(scenario.seed, 0x4d), () => this.truth.partitionCount, this.jobs)
    this.faults = new CallFaults(() => this.#weather(), muted, {
      nowMs: () => scheduler.nowMs,
      tally: this.tally,
      stayOpen: (ms) => this.stayOpen(ms),
    })
  }

  get isCalm(): boolean {
    return this.scheduler.nowMs >= this.scenario.calmFromMs
  }

  /** Of a slab, now. */
  get decoderDeathRate(): number {
    return this.isCalm ? 0 : (this.scenario.decoderDeathRate ?? 0)
  }

  /** Whether a process that decodes a unit apart dies over the slab it takes now, whatever is in it. */
  diesApart(recordCount: number): boolean {
    const dies = this.#pressure.kills(recordCount)
    if (dies) this.tally.add(`decoder apart: ${Math.min(3, this.#pressure.inARow)} deaths of no record in a row`)
    return dies
  }

  /** A process that stood still runs again. */
  woke(): void {
    this.#pressure.woke()
  }

  /** A decoder took its whole process with it. */
  writerDies(process: SimProcess): void {
    this.tally.add('writer dies of a record')
    this.onCrash(process)
  }

  newProcess(kind: ProcessKind, number: number): SimProcess {
    const name = `${kind}-${number}`
    const life = (this.#lives.get(name) ?? 0) + 1
    this.#lives.set(name, life)
    const { scheduler, faults, scenario } = this
    const surroundings = { scheduler, seed: scenario.seed, plan: faults.plan, watch: this.#told }
    const process = new SimProcess(surroundings, { kind, number, life }, startMs)
    if (kind === 'operator') this.#commands.push(process)
    return process
  }

  /** The run goes on for `ms` at least, settled or not: something is still under way. */
  stayOpen(ms: number): void {
    this.#openUntilMs = Math.max(this.#openUntilMs, this.scheduler.nowMs + ms)
  }

  /** The run does not end in the midst of it: what another engine did is known before it is judged. */
  async whole(deed: () => Promise<unknown>): Promise<void> {
    this.#deeds++
    try {
      await deed()
    } finally {
      this.#deeds--
    }
  }

  get isOpen(): boolean {
    return this.#deeds > 0 || this.scheduler.nowMs < this.#openUntilMs
  }

  /** Springs once. */
  trap(trap: Trap): void {
    this.#traps.add({ ...trap })
  }

  /** Wall ms. */
  get calmFromMs(): number {
    return startMs + this.scenario.calmFromMs
  }

  /** An operator's commands so far; most have ended. */
  commands(): readonly SimProcess[] {
    return [...this.#commands]
  }

  /** Partitions whose `txn` is not yet at the readable end. */
  unsettled(): readonly { readonly topicId: string; readonly partition: number; readonly next: number | undefined }[] {
    return this.truth.ends().flatMap(({ topicId, partition, readableEnd }) => {
      const next = partitionProgress(this.txns.main, topic, topicId, partition)?.next
      return next === readableEnd ? [] : [{ topicId, partition, next }]
    })
  }

  /** The dead-letter table has what the main table recorded. */
  get isProjected(): boolean {
    const recorded = this.txns.main.get(deadLetterPointerAppId)
    const applied = [...this.txns['dead-letters']].find(([appId]) =>
      appId.startsWith(`${deadLetterPointerAppId}:`),
    )?.[1]
    return recorded === undefined || (applied ?? -1) >= recorded
  }

  /** Files of dead letters that the main table has recorded and the dead-letter table does not hold yet. */
  recordedFiles(): readonly string[] {
    if (this.isProjected) return []
    const version = this.txns.main.get(deadLetterPointerAppId)
    const entry = this.recorder.entries.find((each) => each.table === 'main' && each.version === version)
    if (entry === undefined) return []
    const record = parseCommitRecord(commitInfoOf(decodeEntry(commitKey(entry.version), entry.body))?.silt)
    return (record?.deadLetters ?? []).map(({ path }) => decodePath(path))
  }

  history(): History {
    const { entries, files, deletions } = this.recorder
    return { entries, files, deletions, truth: this.truth.truth() }
  }

  readonly #told: CallWatch = (...call) => {
    const [{ operation }, when, process] = call
    if (this.#traps.size > 0) this.#spring(...call)
    if (operation === 'source.ends' && when === 'after') this.jobs.looked(process.name)
    this.#watch(...call)
  }

  #spring(call: PortCall, when: 'before' | 'after', process: SimProcess): void {
    for (const trap of [...this.#traps]) {
      if (trap.operation !== call.operation || trap.actor !== process.kind || trap.when !== when) continue
      if (trap.table !== undefined && trap.table !== call.place) continue
      if (trap.pass > 0) trap.pass--
      else {
        this.#traps.delete(trap)
        trap.act(process, call)
      }
    }
  }

  #weather(): Weather {
    if (!this.isCalm) return { rates: this.scenario.rates, outages: this.outages }
    return { rates: { store: noFaults, queue: noFaults, source: noFaults }, outages: new Set() }
  }

  #landed(entry: LandedEntry): void {
    const { table, body } = entry
    this.landings.landed(entry)
    const text = Buffer.from(body).toString()
    for (const line of text.split('\n')) {
      if (!line.startsWith('{"txn"')) continue
      const { txn } = JSON.parse(line) as { txn: { appId: string; version: number } }
      this.txns[table].set(txn.appId, txn.version)
    }
  }
}
