import { pauseOf, pauseText, type Pause } from '@silt/contracts'
import type { Log, Metrics } from '@silt/core'

/** Whether an operator paused the table, as the log last read says; told once each time it changes. */
export class PauseWatch {
  readonly #metrics: Metrics
  readonly #log: Log
  readonly #table: string
  #paused: Pause | undefined

  constructor(metrics: Metrics, log: Log, table: string) {
    this.#metrics = metrics
    this.#log = log
    this.#table = table
  }

  get paused(): Pause | undefined {
    return this.#paused
  }

  /** For readiness: empty while the table runs. */
  get note(): string {
    return this.#paused === undefined ? '' : pauseText(this.#paused)
  }

  look(txns: ReadonlyMap<string, number>): void {
    const was = this.#paused
    this.#paused = pauseOf(txns)
    const { version } = this.#paused ?? {}
    this.#metrics.gauge('silt_table_paused', { table: this.#table }, version === undefined ? 0 : 1)
    if (version === was?.version) return
    if (version === undefined) this.#log.info({}, 'the table is no longer paused')
    else this.#log.warn({ version, code: 'table/paused' }, this.note)
  }
}
