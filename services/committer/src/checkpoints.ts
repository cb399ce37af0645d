import { asSiltError, type Clock, type Log, type Metrics } from '@silt/core'
import { checkpointDue, type FileCounts } from '@silt/delta'
import type { TableLog } from './table-log.ts'
import { TableSizeWatch } from './table-size.ts'

/** Which of the two tables a checkpoint is of. */
export type CheckpointTable = 'main' | 'dead-letters'

/** Writes checkpoints somewhere off the commit path: a worker thread, or inline in tests. */
export interface Checkpointer {
  /** Writes the checkpoint of `version`; may be abandoned at any moment. */
  write(table: CheckpointTable, version: number): Promise<void>
  /** Counts the files of the main table's newest version. */
  measure(): Promise<FileCounts>
  close(): Promise<void>
}

export interface CheckpointsDeps {
  readonly checkpointer: Checkpointer
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** The metrics' `table`. */
  readonly label: string
  readonly retryMs: number
}

/**
 * Has checkpoints written when they are due, one at a time a table, without ever being waited for. Due is a function of the table's state,
 * so a failed one is due again after `retryMs`, also in another process.
 */
export class Checkpoints {
  readonly #deps: CheckpointsDeps
  readonly #running = new Set<CheckpointTable>()
  readonly #notBeforeMs = new Map<CheckpointTable, number>()
  readonly #size: TableSizeWatch
  #main: TableLog | undefined

  constructor(deps: CheckpointsDeps) {
    this.#deps = deps
    this.#size = new TableSizeWatch({ ...deps, measure: () => this.#measure() })
  }

  /** Starts what is due and returns at once; the main table's files are counted now and then as well. */
  start(table: CheckpointTable, log: TableLog): void {
    if (table === 'main') this.#show(log)
    if (this.#running.has(table) || !checkpointDue(log.state)) return
    if (this.#deps.clock.monotonicMs() < (this.#notBeforeMs.get(table) ?? 0)) return
    this.#running.add(table)
    void this.#write(table, log).finally(() => this.#running.delete(table))
  }

  /** What was counted goes into the next version checksum as well. */
  async #measure(): Promise<FileCounts> {
    const size = await this.#deps.checkpointer.measure()
    this.#main?.noteTally(size.version, size)
    return size
  }

  #show(log: TableLog): void {
    const { metrics, label } = this.#deps
    const { state } = log
    this.#main = log
    metrics.gauge('silt_checkpoint_version', { table: label }, state.checkpointVersion ?? 0)
    this.#size.look(state.version)
  }

  async #write(table: CheckpointTable, tableLog: TableLog): Promise<void> {
    const { checkpointer, clock, log, metrics, label, retryMs } = this.#deps
    const { version } = tableLog.state
    const beganMs = clock.monotonicMs()
    try {
      await checkpointer.write(table, version)
      tableLog.noteCheckpoint(version)
      const ms = clock.monotonicMs() - beganMs
      if (table === 'main') this.#size.checkpointWritten()
      metrics.observe('silt_checkpoint_seconds', { table: label }, ms / 1000)
      log.info({ version, ms, of: table }, 'wrote a checkpoint')
    } catch (error) {
      const { code, kind, message } = asSiltError(error)
      this.#notBeforeMs.set(table, clock.monotonicMs() + retryMs)
      metrics.count('silt_checkpoint_failures_total', { table: label })
      log.warn({ version, code, kind, of: table, error }, `could not write a checkpoint, will try again: ${message}`)
    }
  }
}
