import { asSiltError, type Log, type Metrics, type PartitionEnds, type Traces } from '@silt/core'
import type { SuspectedStop } from './confirm-stops.ts'
import { leadMs as leadOf, type Pacing } from './pacing.ts'
import type { HeldBack, OpenTransactions } from './open-transactions.ts'
import type { IssuedUnit, PlanState } from './plan-state.ts'
import { ReadableAge } from './readable-age.ts'
import type { SteadyClock } from './steady-clock.ts'
import { UnitTraces } from './unit-traces.ts'

const partitionGauges = [
  'silt_lag_offsets',
  'silt_backlog_seconds',
  'silt_readable_end_offset',
  'silt_committed_offset',
  'silt_log_start_offset',
  'silt_open_transaction_offsets',
  'silt_last_stable_offset_stuck_seconds',
] as const

/** What is kept of one partition shown. */
interface Shown {
  readonly age: ReadableAge
  readableEnd: number
  /** Of `partitionGauges`, as last shown: what has not moved is not told again. */
  values: readonly number[]
}

/** What one ingestor shows of itself. Partitions it no longer owns are withdrawn: their new owner shows them. */
export class IngestorMetrics {
  readonly #metrics: Metrics
  readonly #log: Log
  readonly #table: string
  readonly #topic: string
  readonly #traces: UnitTraces | undefined
  readonly #shown = new Map<number, Shown>()
  readonly #stopped = new Map<number, string>()
  #lastErrorCode: string | undefined

  constructor(
    deps: { readonly metrics: Metrics; readonly log: Log; readonly traces?: Traces; readonly clock: SteadyClock },
    { table, topic }: { readonly table: string; readonly topic: string },
  ) {
    const { traces, clock } = deps
    this.#metrics = deps.metrics
    this.#log = deps.log
    this.#table = table
    this.#topic = topic
    this.#traces = traces && new UnitTraces(traces, (ms) => clock.toWallMs(ms), { table, topic })
  }

  showPlan(state: PlanState, nowMs: number, transactions: Pick<OpenTransactions, 'of'>): void {
    const table = this.#table
    this.#traces?.look(state, nowMs)
    this.#metrics.gauge('silt_units_in_flight', { table }, state.units.size)
    this.#metrics.gauge('silt_partitions_owned', { table }, state.partitions.size)
    this.#metrics.gauge('silt_deadly_offsets', { table }, deadlyOffsets(state))
    for (const partition of this.#shown.keys()) {
      if (state.partitions.has(partition)) continue
      for (const name of partitionGauges) this.#metrics.withdraw(name, this.#place(partition))
      this.#shown.delete(partition)
    }
    for (const { partition, next, ends } of state.partitions.values())
      if (ends !== undefined)
        this.#showPartition(partition, next, ends, nowMs, transactions.of(partition, ends.readableEnd, nowMs))
  }

  showStops(suspects: ReadonlyMap<number, SuspectedStop>): void {
    for (const [partition, { stop, confirmed }] of suspects) {
      if (!confirmed || this.#stopped.get(partition) === stop.code) continue
      this.#showStop(partition, stop.code, 1)
      this.#stopped.set(partition, stop.code)
      this.#log.error({ topic: this.#topic, partition, code: stop.code, remedy: stop.remedy }, stop.message)
    }
    for (const [partition, code] of this.#stopped) {
      if (suspects.get(partition)?.stop.code === code) continue
      this.#showStop(partition, code, 0)
      this.#stopped.delete(partition)
      this.#log.info({ topic: this.#topic, partition, code }, 'partition goes on')
    }
  }

  countIssued(issued: readonly IssuedUnit[], replanned: readonly number[], pacing: Pacing): void {
    const table = this.#table
    for (const { unit, again } of issued) {
      if (!again) this.#metrics.count('silt_units_cut_total', { table, kind: unit.kind })
      const slotInMs = Math.round(pacing.nextSlotMs - unit.cutAtMs)
      const leadMs = Math.round(leadOf(pacing))
      this.#log.debug(
        { topic: this.#topic, unit: unit.unitId, unitKind: unit.kind, again, slotInMs, leadMs },
        'unit cut',
      )
    }
    if (replanned.length === 0) return
    this.#metrics.count('silt_replans_total', { table }, replanned.length)
    this.#log.warn({ topic: this.#topic, partitions: replanned.join(',') }, 'partitions did not move, planned again')
  }

  /** Counted each time, logged when the reason changes. */
  error(thrown: unknown): void {
    const error = asSiltError(thrown)
    this.#metrics.count('silt_errors_total', {
      table: this.#table,
      actor: 'ingestor',
      kind: error.kind,
      code: error.code,
    })
    if (this.#lastErrorCode === error.code) return
    this.#lastErrorCode = error.code
    this.#log.warn({ topic: this.#topic, code: error.code, kind: error.kind, error }, error.message)
  }

  allWell(): void {
    if (this.#lastErrorCode !== undefined)
      this.#log.info({ topic: this.#topic, code: this.#lastErrorCode }, 'well again')
    this.#lastErrorCode = undefined
  }

  #showPartition(
    partition: number,
    next: number,
    { logStart, readableEnd }: PartitionEnds,
    nowMs: number,
    heldBack: HeldBack,
  ): void {
    const labels = this.#place(partition)
    const shown = this.#shown.get(partition) ?? { age: new ReadableAge(), readableEnd, values: [] }
    this.#shown.set(partition, shown)
    shown.age.look(next, readableEnd, nowMs)
    const arrived = readableEnd - shown.readableEnd
    shown.readableEnd = readableEnd
    if (arrived > 0) this.#metrics.count('silt_offsets_readable_total', { table: this.#table }, arrived)
    const values: Readonly<Record<(typeof partitionGauges)[number], number>> = {
      silt_lag_offsets: Math.max(0, readableEnd - next),
      silt_backlog_seconds: shown.age.ageMs(next, nowMs) / 1000,
      silt_readable_end_offset: readableEnd,
      silt_committed_offset: next,
      silt_log_start_offset: logStart,
      silt_open_transaction_offsets: heldBack.offsets,
      silt_last_stable_offset_stuck_seconds: heldBack.stuckMs / 1000,
    }
    for (const [index, name] of partitionGauges.entries())
      if (values[name] !== shown.values[index]) this.#metrics.gauge(name, labels, values[name])
    shown.values = partitionGauges.map((name) => values[name])
  }

  #place(partition: number): { table: string; topic: string; partition: string } {
    return { table: this.#table, topic: this.#topic, partition: String(partition) }
  }

  #showStop(partition: number, code: string, value: number): void {
    this.#metrics.gauge('silt_partition_stopped', { ...this.#place(partition), code }, value)
  }
}

function deadlyOffsets(state: PlanState): number {
  let offsets = 0
  for (const { deadly } of state.partitions.values())
    for (const { start, endExclusive } of deadly) offsets += endExclusive - start
  return offsets
}
