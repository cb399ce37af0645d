import { asSiltError, type Clock, type Log, type Metrics } from '@silt/core'
import type { FileCounts } from '@silt/delta'

export interface TableSizeWatchDeps {
  readonly measure: () => Promise<FileCounts>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** The metrics' `table`. */
  readonly label: string
}

/**
 * Times of measuring. `firstAfterMs`: a process that settles what is there and ends does without the thread that counts. `afterCheckpointMs`: soonest after
 * the last one where a new checkpoint makes it cheap.
 */
const firstAfterMs = 20_000
const everyMs = 600_000
const afterCheckpointMs = 60_000

/**
 * Has the main table's size counted now and then, never on the commit path and never twice at once: the committing thread knows no file list. What is
 * shown is as old as the newest count; nothing is done with it, so a count that fails is only told of, once a reason.
 */
export class TableSizeWatch {
  readonly #deps: TableSizeWatchDeps
  #isMeasuring = false
  #dueMs: number
  #measuredMs = -Infinity
  #measuredVersion: number | undefined
  #toldCode: string | undefined

  constructor(deps: TableSizeWatchDeps) {
    this.#deps = deps
    this.#dueMs = deps.clock.monotonicMs() + firstAfterMs
  }

  /** Starts a count where one is due and `version` is new, and returns at once. */
  look(version: number): void {
    if (this.#isMeasuring || version === this.#measuredVersion) return
    if (this.#deps.clock.monotonicMs() < this.#dueMs) return
    this.#isMeasuring = true
    void this.#measure().finally(() => {
      this.#isMeasuring = false
    })
  }

  checkpointWritten(): void {
    this.#dueMs = Math.min(this.#dueMs, this.#measuredMs + afterCheckpointMs)
  }

  async #measure(): Promise<void> {
    const { measure, clock, log, metrics, label } = this.#deps
    try {
      const size = await measure()
      this.#measuredVersion = size.version
      metrics.gauge('silt_table_files', { table: label }, size.files)
      metrics.gauge('silt_table_bytes', { table: label }, size.bytes)
      metrics.gauge('silt_table_removed_bytes', { table: label }, size.removedBytes)
      this.#toldCode = undefined
    } catch (cause) {
      const error = asSiltError(cause)
      if (error.code !== this.#toldCode)
        log.info({ code: error.code, kind: error.kind, error }, 'could not count the files of the table')
      this.#toldCode = error.code
    }
    this.#measuredMs = clock.monotonicMs()
    this.#dueMs = this.#measuredMs + everyMs
  }
}
