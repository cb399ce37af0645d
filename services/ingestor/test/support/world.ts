import type { CommitNotice, DeadlyRange, WriteResult } from '@silt/contracts'
import { seededRandom, type Random } from '@silt/core'
import { emptyPlan, withAssignment, withEnds, withNotice, withTruth, withWriteResult } from '../../src/plan-events.ts'
import { plan } from '../../src/planner.ts'
import type { OutstandingUnit, PlanSettings, PlanState } from '../../src/plan-state.ts'

export const defaultPlanSettings: PlanSettings = Object.freeze({
  batchSize: 100,
  batchTimeoutMs: 10_000,
  unitMaxOffsets: 100_000,
  unitFirstOffsets: 25_000,
  unitBytesMax: 128 * 2 ** 20,
  unitsInFlightMax: 16,
  uncommittedOffsetsMax: 2_000_000,
  uncommittedBytesMax: 2 ** 30,
  replanAfterMs: 8000,
  replanAfterMaxMs: 60_000,
  commitIntervalMinMs: 1000,
  untilIdle: false,
  offsetUnit: 'record',
})

export interface WorldOptions {
  readonly seed: number
  readonly partitions: number
  /** Owned partitions of each ingestor; overlaps are zombies. */
  readonly owners: readonly (readonly number[])[]
  /** Events per second over all partitions. */
  readonly rate: number
  readonly backlog?: number
  readonly writers: number
  readonly writeMs?: number
  /** Mean time of a message through a queue; an ingestor's step is late by two of them. */
  readonly hopMs?: number
  /** Share of units that take `hiccupMs` longer. */
  readonly hiccups?: number
  readonly hiccupMs?: number
  /** The first units of processes just started take `coldMs` longer. */
  readonly coldUnits?: number
  readonly coldMs?: number
  readonly tickMs?: number
  readonly perRecordMs?: number
  readonly settings?: Partial<PlanSettings>
  /** Chances per message while faults are on. */
  readonly lose?: number
  readonly duplicate?: number
  readonly shorten?: number
  readonly bytesPerRecord?: number
  /** Records that kill the decoder, by partition. */
  readonly poison?: readonly ReadonlySet<number>[]
  /** Chance that a decoder dies over records that are sound, while faults are on. */
  readonly die?: number
}

interface Run {
  readonly unit: OutstandingUnit
  readonly startMs: number
  readonly doneMs: number
}
interface Held {
  readonly arrivesMs: number
  readonly unit: OutstandingUnit
  readonly ranges: readonly { partition: number; start: number; endExclusive: number; restart: number }[]
  readonly sinceMs: number
}

/** Ingestors' plans against modelled queues, writers and a committer, in virtual time. One tick is `tickMs`. */
export class World {
  nowMs = 1_000_000
  readonly tickMs: number
  readonly readable: number[]
  readonly txn: number[]
  readonly states: PlanState[]
  readonly committed: { partition: number; start: number; endExclusive: number; atMs: number }[] = []
  readonly versions: number[] = []
  readonly runs: Run[] = []
  readonly issuedAt: { unitId: string; atMs: number; again: boolean }[] = []
  /** Offsets that became dead letters `crashes-decoder`, each time they were written. */
  readonly condemned: { partition: number; offset: number }[] = []
  deaths = 0
  files = 0
  recordsRead = 0
  producing = true
  faults = true
  #version = 1
  #fraction = 0
  #slotMs = 0
  #companyUnits = 0
  #queue: { readonly unit: OutstandingUnit; readonly arrivesMs: number }[] = []
  #mail: { readonly ingestor: number; readonly arrivesMs: number; readonly fold: (state: PlanState) => PlanState }[] =
    []
  #running: Run[] = []
  #held: Held[] = []
  #generation = 1
  #owners: readonly (readonly number[])[]
  #polledMs: number[]
  #refreshedMs: number[]
  #cutAtMs: (number | undefined)[]
  readonly settings: PlanSettings
  readonly random: Random
  readonly options: WorldOptions

  constructor(options: WorldOptions) {
    this.options = options
    this.tickMs = options.tickMs ?? 20
    this.settings = { ...defaultPlanSettings, ...options.settings }
    this.random = seededRandom(options.seed)
    this.readable = Array.from({ length: options.partitions }, () =>
      Math.floor((options.backlog ?? 0) / options.partitions),
    )
    this.txn = Array.from({ length: options.partitions }, () => 0)
    this.#owners = options.owners
    this.states = options.owners.map((owned) => this.#assigned(emptyPlan(), owned))
    this.#polledMs = options.owners.map((_, i) => this.nowMs - 1000 + i * 70)
    this.#refreshedMs = options.owners.map(() => this.nowMs)
    this.#cutAtMs = options.owners.map(() => undefined)
  }

  get uncommitted(): number {
    return this.readable.reduce((sum, end, p) => sum + end - (this.txn[p] ?? 0), 0)
  }

  rebalance(owners: readonly (readonly number[])[]): void {
    this.#generation++
    this.#owners = owners
    for (const [i, owned] of owners.entries()) this.states[i] = this.#assigned(this.states[i] as PlanState, owned)
  }

  /** Redis restarts empty: every job is gone. */
  loseQueues(): void {
    this.#queue = []
    this.#running = []
    this.#held = []
    this.#mail = []
  }

  run(ms: number): void {
    const untilMs = this.nowMs + ms
    while (this.nowMs < untilMs) this.tick()
  }

  tick(): void {
    this.nowMs += this.tickMs
    this.#produce()
    this.#read()
    for (let i = 0; i < this.states.length; i++) this.#ingest(i)
    this.#write()
    this.#commit()
  }

  #produce(): void {
    if (!this.producing) return
    this.#fraction += (this.options.rate * this.tickMs) / 1000
    for (; this.#fraction >= 1; this.#fraction--) {
      const p = Math.floor(this.random.next() * this.options.partitions)
      this.readable[p] = (this.readable[p] ?? 0) + 1
    }
  }

  /** Hints wake an ingestor. */
  #read(): void {
    const arrived = this.#mail.filter((each) => each.arrivesMs <= this.nowMs)
    if (arrived.length > 0) this.#mail = this.#mail.filter((each) => each.arrivesMs > this.nowMs)
    for (const { ingestor, fold } of arrived) {
      this.states[ingestor] = fold(this.states[ingestor] as PlanState)
      this.#polledMs[ingestor] = -Infinity
    }
  }

  #ingest(i: number): void {
    const isPoll = this.nowMs - (this.#polledMs[i] ?? 0) >= 200
    const isCut = (this.#cutAtMs[i] ?? Infinity) <= this.nowMs
    if (!isPoll && !isCut) return
    this.#polledMs[i] = this.nowMs
    let state = this.states[i] as PlanState
    if (this.nowMs - (this.#refreshedMs[i] ?? 0) >= 2000) {
      this.#refreshedMs[i] = this.nowMs
      state = withTruth(state, this.#truths(this.#owners[i] ?? []), this.#version, this.nowMs, this.settings)
    }
    const ends = (this.#owners[i] ?? []).map((partition) => ({
      partition,
      logStart: 0,
      readableEnd: this.readable[partition] ?? 0,
    }))
    state = withEnds(state, ends, this.nowMs)
    const made = plan(state, this.settings, this.nowMs)
    this.states[i] = made.state
    // A step is late by its timer and by asking for the ends.
    this.#cutAtMs[i] = made.cutAtMs === undefined ? undefined : made.cutAtMs + 2 * this.#hop()
    for (const { unit, again } of made.issue) {
      this.issuedAt.push({ unitId: unit.unitId, atMs: this.nowMs, again })
      this.#enqueue(unit)
    }
  }

  #enqueue(unit: OutstandingUnit): void {
    if (this.#chance(this.options.lose)) return
    const isKnown =
      this.#queue.some((each) => each.unit.unitId === unit.unitId) ||
      this.#running.some((each) => each.unit.unitId === unit.unitId)
    if (isKnown && !this.#chance(this.options.duplicate)) return
    this.#queue.push({ unit, arrivesMs: this.nowMs + 2 * this.#hop() })
  }

  #write(): void {
    const { writers, writeMs = 120, perRecordMs = 0.004, bytesPerRecord = 600, hiccups, hiccupMs = 0 } = this.options
    const { coldUnits = 0, coldMs = 0 } = this.options
    for (const run of this.#running.filter((each) => each.doneMs <= this.nowMs)) {
      this.#running = this.#running.filter((each) => each !== run)
      let ranges = run.unit.ranges
      if (this.#dies(run.unit)) {
        const answer: WriteResult = { outcome: 'decoder-died', ranges: ranges.map(halved) }
        this.#deliver((state) => withWriteResult(state, run.unit.unitId, answer, this.nowMs, this.settings))
        continue
      }
      if (this.#chance(this.options.shorten)) {
        const keep = Math.floor(this.random.next() * ranges.length)
        ranges = ranges.slice(0, keep + 1).map((range, k) =>
          k === keep
            ? {
                ...range,
                endExclusive:
                  range.start + Math.ceil((range.endExclusive - range.start) * this.random.next()) ||
                  range.endExclusive,
              }
            : range,
        )
      }
      const read = ranges.map((range) => ({ ...range, read: range.endExclusive - range.start }))
      const records = read.reduce((sum, each) => sum + each.read, 0)
      this.recordsRead += records
      if (!this.#chance(this.options.lose))
        this.#held.push({ unit: run.unit, ranges, sinceMs: this.nowMs, arrivesMs: this.nowMs + this.#hop() })
      const result: WriteResult = { outcome: 'written', ranges: read, bytes: records * bytesPerRecord }
      this.#deliver((state) => withWriteResult(state, run.unit.unitId, result, this.nowMs, this.settings))
    }
    while (this.#running.length < writers) {
      const next = this.#queue.find((each) => each.arrivesMs <= this.nowMs)
      if (next === undefined) break
      const { unit } = next
      this.#queue = this.#queue.filter((each) => each !== next)
      if (unit.ranges.some((range) => range.start < (this.txn[range.partition] ?? 0))) {
        this.#deliver((state) => withWriteResult(state, unit.unitId, { outcome: 'behind' }, this.nowMs, this.settings))
        continue
      }
      const records = unit.ranges.reduce((sum, range) => sum + range.endExclusive - range.start, 0)
      const extraMs = (this.#chance(hiccups) ? hiccupMs : 0) + (this.runs.length < coldUnits ? coldMs : 0)
      const doneMs = this.nowMs + writeMs * (0.7 + 0.6 * this.random.next()) + records * perRecordMs + extraMs
      const run = { unit, startMs: this.nowMs, doneMs }
      this.runs.push(run)
      this.#running.push(run)
      if (this.#chance(this.options.duplicate)) this.#running.push({ ...run, doneMs: doneMs + 50 })
    }
  }

  /** Over one record alone a writer makes sure by itself: it is condemned if it is at fault, else it is written. */
  #dies({ ranges }: OutstandingUnit): boolean {
    const poisoned = ranges.flatMap(({ partition, start, endExclusive }) =>
      [...(this.options.poison?.[partition] ?? [])]
        .filter((offset) => offset >= start && offset < endExclusive)
        .map((offset) => ({ partition, offset })),
    )
    const isOne = ranges.reduce((sum, range) => sum + range.endExclusive - range.start, 0) === 1
    const dies = !isOne && (poisoned.length > 0 || this.#chance(this.options.die))
    if (isOne) this.condemned.push(...poisoned)
    if (dies) this.deaths++
    return dies
  }

  /** The committer's rules as far as planning meets them: I3, slots for small units, the deadline of held ones. */
  #commit(): void {
    const ready: Held[] = []
    this.#countLatecomers()
    const position = [...this.txn]
    const take = (wanted: (held: Held) => boolean): void => {
      for (let moved = true; moved;) {
        moved = false
        for (const held of this.#held) {
          if (
            ready.includes(held) ||
            held.arrivesMs > this.nowMs ||
            !wanted(held) ||
            !held.ranges.every((r) => r.start === position[r.partition])
          )
            continue
          ready.push(held)
          for (const range of held.ranges) position[range.partition] = range.endExclusive
          moved = true
        }
      }
    }
    take((held) => held.unit.kind === 'full')
    const isUrgent = ready.length > 0
    take(() => true)
    const small = ready.filter((held) => held.unit.kind !== 'full')
    if (!isUrgent && this.nowMs < this.#dueMs(small)) ready.splice(0)
    if (ready.length > 0) {
      this.#version++
      this.versions.push(this.nowMs)
      if (small.length > 0) this.#moveSlot(small.length)
      for (const held of ready) {
        this.files++
        for (const range of held.ranges) {
          this.committed.push({ ...range, atMs: this.nowMs })
          this.txn[range.partition] = range.endExclusive
        }
      }
    }
    this.#held = this.#held.filter((held) => !ready.includes(held))
    for (const held of ready) this.#notify(held, 'committed')
    for (const held of this.#held) {
      const isBehind = held.ranges.some((range) => range.start < (this.txn[range.partition] ?? 0))
      const isDuplicate = held.ranges.every((range) => range.endExclusive <= (this.txn[range.partition] ?? 0))
      if (!isBehind && this.nowMs - held.sinceMs < 30_000) continue
      this.#held = this.#held.filter((each) => each !== held)
      this.#notify(held, isDuplicate ? 'duplicate' : 'stale')
    }
  }

  /** The committer's rule for company: units short of the last version's wait a moment for the others. */
  #dueMs(small: readonly Held[]): number {
    const firstMs = Math.min(...small.map((held) => held.arrivesMs))
    const intervalMs = this.settings.commitIntervalMinMs
    if (firstMs >= this.#slotMs + intervalMs || small.length >= this.#companyUnits) return this.#slotMs
    return Math.max(this.#slotMs, firstMs) + 0.15 * intervalMs
  }

  #countLatecomers(): void {
    const intervalMs = this.settings.commitIntervalMinMs
    if (this.#companyUnits === 0 || this.nowMs - this.#slotMs + intervalMs > 0.2 * intervalMs) return
    for (const held of this.#held)
      if (held.unit.kind !== 'full' && held.arrivesMs <= this.nowMs && held.arrivesMs > this.nowMs - this.tickMs)
        this.#companyUnits++
  }

  #moveSlot(units: number): void {
    const intervalMs = this.settings.commitIntervalMinMs
    const lateMs = this.nowMs - this.#slotMs
    if (lateMs >= 0) this.#companyUnits = units
    this.#slotMs = (lateMs >= 0 && lateMs <= 0.1 * intervalMs ? this.#slotMs : this.nowMs) + intervalMs
  }

  #notify(held: Held, outcome: CommitNotice['outcome']): void {
    const notice: CommitNotice = {
      outcome,
      version: this.#version,
      txn: Object.fromEntries(held.ranges.map((range) => [range.partition, this.txn[range.partition] ?? 0])),
      nextSlot: this.#slotMs,
      ranges: held.ranges.map((range) => ({ ...range, read: range.endExclusive - range.start })),
    }
    this.#deliver((state) => withNotice(state, held.unit.unitId, notice, this.nowMs, this.settings))
  }

  #deliver(fold: (state: PlanState) => PlanState): void {
    for (const ingestor of this.states.keys())
      if (!this.#chance(this.options.lose)) this.#mail.push({ ingestor, fold, arrivesMs: this.nowMs + this.#hop() })
  }

  #truths(owned: readonly number[]): { partition: number; topicId: string | null; restart: number; next: number }[] {
    return owned.map((partition) => ({ partition, topicId: 'T', restart: 0, next: this.txn[partition] ?? 0 }))
  }

  #assigned(state: PlanState, owned: readonly number[]): PlanState {
    return withAssignment(state, this.#generation, this.#truths(owned), this.#version, this.nowMs, this.settings)
  }

  #hop(): number {
    const { hopMs = 0 } = this.options
    return hopMs === 0 ? 0 : hopMs * (0.5 + this.random.next())
  }

  #chance(probability: number | undefined): boolean {
    return this.faults && this.random.next() < (probability ?? 0)
  }
}

function halved({ partition, start, endExclusive }: OutstandingUnit['ranges'][number]): DeadlyRange {
  const middle = start + ((endExclusive - start) >> 1)
  return { partition, start, endExclusive, middle: middle > start ? middle : null }
}
