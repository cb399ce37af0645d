import type { CountedRange } from '@silt/contracts'
import { asSiltError, type Log, type Metrics } from '@silt/core'

/** What one writer shows of itself. */
export class WriterMetrics {
  readonly #metrics: Metrics
  readonly #log: Log
  readonly #table: string
  #running = 0

  constructor(metrics: Metrics, log: Log, table: string) {
    this.#metrics = metrics
    this.#log = log
    this.#table = table
  }

  unitWritten(ranges: readonly CountedRange[], bytes: number): void {
    const table = this.#table
    const sum = (name: 'read' | 'rows' | 'deadLetters'): number =>
      ranges.reduce((total, range) => total + range[name], 0)
    this.#metrics.count('silt_units_written_total', { table })
    this.#metrics.count('silt_events_read_total', { table }, sum('read'))
    this.#metrics.count('silt_bytes_read_total', { table }, bytes)
    this.#metrics.count('silt_rows_written_total', { table }, sum('rows'))
    this.#metrics.count('silt_dead_letters_written_total', { table }, sum('deadLetters'))
  }

  /** Threads that may encode and those that do: gauges that exist from the start. */
  threads(count: number): void {
    this.#metrics.gauge('silt_writer_threads', { table: this.#table }, count)
    this.#metrics.gauge('silt_units_running', { table: this.#table }, 0)
  }

  unitTaken(): void {
    this.#metrics.gauge('silt_units_running', { table: this.#table }, ++this.#running)
  }

  unitEnded(): void {
    this.#metrics.gauge('silt_units_running', { table: this.#table }, --this.#running)
  }

  /** Rows are decoded one by one, not by the data plane. */
  rowByRow(isSo: boolean): void {
    this.#metrics.gauge('silt_writer_row_by_row', { table: this.#table }, isSo ? 1 : 0)
  }

  unitSeconds(ms: number): void {
    this.#metrics.observe('silt_unit_seconds', { table: this.#table }, ms / 1000)
  }

  filePut(bytes: number, ms: number): void {
    this.#metrics.count('silt_file_bytes_written_total', { table: this.#table }, bytes)
    this.#metrics.observe('silt_put_seconds', { table: this.#table }, ms / 1000)
  }

  decoderDied(): void {
    this.#metrics.count('silt_decoder_deaths_total', { table: this.#table })
  }

  recordCondemned(): void {
    this.#metrics.count('silt_records_condemned_total', { table: this.#table })
  }

  dropped(reason: string): void {
    this.#metrics.count('silt_units_dropped_total', { table: this.#table, reason })
  }

  error(thrown: unknown, unit?: string): void {
    const error = asSiltError(thrown)
    const { code, kind } = error
    this.#metrics.count('silt_errors_total', { table: this.#table, actor: 'writer', kind, code })
    this.#log.warn({ ...(unit === undefined ? {} : { unit }), code, kind, error }, error.message)
  }
}
