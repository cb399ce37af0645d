import { SaidOnce, type Log } from '@silt/core'
import { tableLayout, type TableState } from '@silt/delta'
import type { WriterMetrics } from './writer-metrics.ts'

/** Tells whether the table has its rows decoded one by one, and what asks for it: once for each way it is. */
export class PathWatch {
  readonly #log: Log
  readonly #metrics: WriterMetrics
  readonly #said = new SaidOnce()
  #metadata: TableState['metadata'] | undefined

  constructor(log: Log, metrics: WriterMetrics) {
    this.#log = log
    this.#metrics = metrics
  }

  look(state: TableState | undefined): void {
    if (state === undefined || state.metadata === this.#metadata) return
    this.#metadata = state.metadata
    const reasons = slowPathReasons(state)
    this.#metrics.rowByRow(reasons.length > 0)
    const why = reasons.join(', ')
    if (why === '' || !this.#said.isNew(why)) return
    const message =
      `records are decoded one by one, not by the data plane, at several times its CPU (docs/benchmarks.md § Rules of rows): ` +
      `the table has ${why}`
    this.#log.warn(
      { code: 'writer/row-by-row', reasons: why.slice(0, reasonsCharsMax) },
      message.slice(0, reasonsCharsMax),
    )
  }
}

const reasonsCharsMax = 2_000

/** What of a table the data plane does not take, each by its name; none for a plain table. */
export function slowPathReasons(
  state: Pick<TableState, 'protocol' | 'metadata' | 'schema' | 'domains'>,
): readonly string[] {
  const rules = tableLayout(state).rowRules
  const columns = state.metadata.partitionColumns
  const isByDay = columns.length === 0 || (columns.length === 1 && columns[0] === 'event_date')
  return [
    ...(rules?.checks ?? []).map(({ kind, name }) => `${kind} ${name}`),
    ...(rules?.generated ?? []).map(({ column }) => `generated column ${column}`),
    ...(rules?.defaults ?? []).map(({ column }) => `a default of column ${column}`),
    ...(isByDay ? [] : [`partition columns ${columns.join(', ')}`]),
  ]
}
