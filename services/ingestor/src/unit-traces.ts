import type { Traces } from '@silt/core'
import type { OutstandingUnit, PlanState } from './plan-state.ts'

/** Tells the whole way of each unit this ingestor cut, once it is over: committed, or given up and cut anew. */
export class UnitTraces {
  readonly #traces: Traces
  readonly #toWallMs: (ms: number) => number
  readonly #place: { readonly 'silt.table': string; readonly 'silt.topic': string }
  #units: ReadonlyMap<string, OutstandingUnit> = new Map()

  /** `toWallMs`: from the times of the plan. */
  constructor(traces: Traces, toWallMs: (ms: number) => number, options: { table: string; topic: string }) {
    this.#traces = traces
    this.#toWallMs = toWallMs
    this.#place = { 'silt.table': options.table, 'silt.topic': options.topic }
  }

  /** Compares with the plan it saw last. */
  look(state: PlanState, nowMs: number): void {
    if (state.units === this.#units) return
    for (const unit of this.#units.values()) if (!state.units.has(unit.unitId)) this.#tell(unit, state, nowMs)
    this.#units = state.units
  }

  #tell(unit: OutstandingUnit, state: PlanState, nowMs: number): void {
    const { unitId, kind, ranges, attempts, cutAtMs } = unit
    const isCommitted = ranges.every(
      ({ partition, endExclusive }) => (state.partitions.get(partition)?.next ?? -1) >= endExclusive,
    )
    this.#traces.whole(unitId, {
      name: 'unit',
      startMs: this.#toWallMs(cutAtMs),
      endMs: this.#toWallMs(nowMs),
      attributes: {
        ...this.#place,
        'silt.unit': unitId,
        'silt.unit.kind': kind,
        'silt.unit.partitions': ranges.length,
        'silt.unit.offsets': ranges.reduce((sum, { start, endExclusive }) => sum + endExclusive - start, 0),
        'silt.unit.attempts': attempts,
        'silt.outcome': isCommitted ? 'committed' : 'planned anew',
      },
      ...(isCommitted ? {} : { failure: 'not committed as cut: what is left of its ranges is planned anew' }),
    })
  }
}
