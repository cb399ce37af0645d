import { asSiltError, type Log, type Metrics } from '@silt/core'
import type { SuspectedStop } from './confirm-stops.ts'
import { leadMs as leadOf, type Pacing } from './pacing.ts'
import type { IssuedUnit, PlanState } from './plan-state.ts'

/** What one ingestor shows of itself. Partitions it no longer owns are set to zero: their new owner shows them. */
export class IngestorMetrics {
  readonly #metrics: Metrics
  readonly #log: Log
  readonly #table: string
  readonly #topic: string
  #shown = new Set<number>()
  readonly #stopped = new Map<number, string>()
  #lastErrorCode: string | undefined

  constructor(metrics: Metrics, log: Log, table: string, topic: string) {
    this.#metrics = metrics
    this.#log = log
    this.#table = table
    this.#topic = topic
  }

  showPlan(state: PlanState): void {
    const table = this.#table
    this.#metrics.gauge('silt_units_in_flight', { table }, state.units.size)
    this.#metrics.gauge('silt_partitions_owned', { table }, state.partitions.size)
    for (const partition of this.#shown) if (!state.partitions.has(partition)) this.#showLag(partition, 0, 0)
    for (const { partition, next, ends } of state.partitions.values())
      if (ends !== undefined) this.#showLag(partition, Math.max(0, ends.readableEnd - next), ends.readableEnd)
    this.#shown = new Set(state.partitions.keys())
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

  #showLag(partition: number, lag: number, readableEnd: number): void {
    const labels = { table: this.#table, topic: this.#topic, partition: String(partition) }
    this.#metrics.gauge('silt_lag_offsets', labels, lag)
    this.#metrics.gauge('silt_readable_end_offset', labels, readableEnd)
  }

  #showStop(partition: number, code: string, value: number): void {
    const labels = { table: this.#table, topic: this.#topic, partition: String(partition), code }
    this.#metrics.gauge('silt_partition_stopped', labels, value)
  }
}
