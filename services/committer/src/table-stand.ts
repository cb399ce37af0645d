import { hasProgress, pauseOf, pauseText, type Pause } from '@silt/contracts'
import { asSiltError, type SiltError, type Clock, type Log, type Metrics } from '@silt/core'
import type { LogEntry } from '@silt/delta'
import {
  foreignKind,
  lookBack,
  parkedAfter,
  parkedError,
  parkedText,
  type Parked,
  type Stood,
} from './foreign-commits.ts'
import type { LogNews, TableLog } from './table-log.ts'

export interface TableStandDeps {
  readonly main: TableLog
  readonly deadLetters: TableLog
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** The metrics' `table`. */
  readonly label: string
  readonly lookBackVersionsMax: number
  /** Told whenever the table's readiness changes. */
  readonly onReadiness: (readiness: Readiness) => void
}

/**
 * `detail` says what is wrong and what to do; where ready it is empty, or that an operator paused the table. `error`: what an operator must end,
 * undefined for what passes by itself.
 */
export interface Readiness {
  readonly ready: boolean
  readonly detail: string
  readonly error?: SiltError
}

/**
 * How the two tables stand: their logs, whether a foreign RESTORE or overwrite parked the table, whether an operator paused it, whether an
 * error stopped it. Parking and pausing follow from the log alone and survive restarts (I12); a stop is tried again, and forgotten with the process.
 */
export class TableStand {
  readonly main: TableLog
  readonly deadLetters: TableLog
  readonly #deps: TableStandDeps
  #parked: Parked | undefined
  /** Undefined until the log has been read back. */
  #stood: Stood | undefined
  #stopped: SiltError | undefined
  #retriedMs: number
  #readBackDue = true
  #loggedCode: string | undefined
  #told: Readiness | undefined
  #toldPaused: number | undefined

  private constructor(deps: TableStandDeps) {
    this.main = deps.main
    this.deadLetters = deps.deadLetters
    this.#deps = deps
    this.#retriedMs = deps.clock.monotonicMs()
  }

  /** Reads back far enough to know whether the table is parked. */
  static async open(deps: TableStandDeps): Promise<TableStand> {
    const stand = new TableStand(deps)
    await stand.#readBack()
    stand.report()
    return stand
  }

  get parked(): Parked | undefined {
    return this.#parked
  }

  get paused(): Pause | undefined {
    return pauseOf(this.main.state.txns)
  }

  get stopped(): SiltError | undefined {
    return this.#stopped
  }

  /** Makes the main state fit to commit on. */
  async prepare(): Promise<void> {
    await this.#hear(await this.main.prepare())
  }

  async look(): Promise<void> {
    await this.#hear(await this.main.look())
  }

  /** Nothing is committed any more until `retry` finds the cause gone. */
  stop(error: SiltError): void {
    if (this.#loggedCode !== error.code)
      this.#deps.log.error({ code: error.code, kind: error.kind, error }, `the table is stopped: ${error.message}`)
    this.#loggedCode = error.code
    this.#stopped = error
    this.#retriedMs = this.#deps.clock.monotonicMs()
    this.report()
  }

  /** After at least `intervalMs`: reads both logs on and lets go of the stop when that works. What else is wrong stops the table again. */
  async retry(intervalMs: number): Promise<void> {
    if (this.#deps.clock.monotonicMs() - this.#retriedMs < intervalMs) return
    try {
      await this.look()
      await this.deadLetters.look()
      this.#stopped = undefined
    } catch (error) {
      this.stop(asSiltError(error))
    }
    this.report()
  }

  /** A version was committed: whatever stopped the table before is over. */
  moved(): void {
    this.#loggedCode = undefined
    this.report()
  }

  /** Gauges and readiness of the present stand. */
  report(): void {
    const { label, metrics, onReadiness } = this.#deps
    const held = this.#stopped !== undefined || this.#parked !== undefined
    metrics.gauge('silt_table_version', { table: label }, this.main.state.version)
    metrics.gauge('silt_table_parked', { table: label }, held ? 1 : 0)
    const { paused } = this
    metrics.gauge('silt_table_paused', { table: label }, paused === undefined ? 0 : 1)
    this.#logPause(paused)
    const waits = [this.#parked && parkedText(this.#parked), paused && pauseText(paused)]
    const detail = this.#stopped?.message ?? waits.filter((text) => text !== undefined).join('; ')
    if (this.#told?.ready === !held && this.#told.detail === detail) return
    const error = this.#stopped ?? (this.#parked && parkedError(this.#parked))
    this.#told = { ready: !held, detail, ...(error === undefined ? {} : { error }) }
    onReadiness(this.#told)
  }

  #logPause(paused: Pause | undefined): void {
    const { log } = this.#deps
    if (this.#toldPaused === paused?.version) return
    this.#toldPaused = paused?.version
    if (paused === undefined) log.info({ version: this.main.state.version }, 'the table is no longer paused')
    else log.warn({ version: paused.version, code: 'table/paused' }, pauseText(paused))
  }

  async #hear(news: LogNews): Promise<void> {
    this.#readBackDue ||= news.reloaded
    if (this.#readBackDue) await this.#readBack()
    else this.#take(this.#parked, news.entries)
    if (news.reloaded || news.entries.length > 0) this.report()
  }

  async #readBack(): Promise<void> {
    const { main } = this
    const { version } = main.state
    const { before, entries } = await lookBack(main.store, main.state, this.#deps.lookBackVersionsMax, this.#stood)
    this.#readBackDue = false
    this.#take(before, entries)
    this.#stood = { version, parked: this.#parked }
  }

  #take(before: Parked | undefined, entries: readonly LogEntry[]): void {
    const { label, log, metrics } = this.#deps
    const was = this.#parked
    this.#parked = hasProgress(this.main.state.txns) ? parkedAfter(before, entries) : undefined
    const newest = entries.at(-1)?.version ?? this.#stood?.version
    if (newest !== undefined) this.#stood = { version: newest, parked: this.#parked }
    for (const entry of entries) {
      const kind = foreignKind(entry)
      if (kind === undefined) continue
      metrics.count('silt_foreign_commits_total', { table: label, kind })
      if (kind === 'removes-data')
        log.warn(
          { version: entry.version },
          'another engine removed rows; silt audit reports them as removed by others',
        )
    }
    if (this.#parked !== undefined && this.#parked.version !== was?.version)
      log.error({ version: this.#parked.version, code: 'committer/parked', kind: 'conflict' }, parkedText(this.#parked))
    if (was !== undefined && this.#parked === undefined)
      log.info({ version: this.main.state.version }, 'the table is released')
  }
}
