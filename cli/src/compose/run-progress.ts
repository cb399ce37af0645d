import type { Clock, Metrics } from '@silt/core'

/** What the progress line shows, taken from the metrics of this process as they are reported. */
export class RunProgress implements Metrics {
  readonly #next: Metrics
  readonly #lagUnit: string
  readonly #lags = new Map<string, number>()
  #rows = 0
  #deadLetters = 0
  #version: number | undefined
  #freshnessSeconds: number | undefined

  /** `lagUnit` is what offsets of the source count. */
  constructor(next: Metrics, lagUnit: 'offsets' | 'bytes') {
    this.#next = next
    this.#lagUnit = lagUnit
  }

  count(name: string, labels: Readonly<Record<string, string>>, by = 1): void {
    if (name === 'silt_rows_committed_total') this.#rows += by
    if (name === 'silt_dead_letters_committed_total') this.#deadLetters += by
    this.#next.count(name, labels, by)
  }

  gauge(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    if (name === 'silt_table_version') this.#version = value
    if (name === 'silt_lag_offsets') this.#lags.set(placeOf(labels), value)
    this.#next.gauge(name, labels, value)
  }

  observe(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    if (name === 'silt_freshness_seconds') this.#freshnessSeconds = value
    this.#next.observe(name, labels, value)
  }

  withdraw(name: string, labels: Readonly<Record<string, string>>): void {
    if (name === 'silt_lag_offsets') this.#lags.delete(placeOf(labels))
    this.#next.withdraw(name, labels)
  }

  get rows(): number {
    return this.#rows
  }

  get version(): number | undefined {
    return this.#version
  }

  line(): string {
    const parts = [
      this.#version === undefined ? 'no version yet' : `version ${this.#version}`,
      `${this.#rows.toLocaleString('en')} rows committed by this run`,
      ...(this.#deadLetters > 0 ? [`${this.#deadLetters} dead letters`] : []),
      ...(this.#lags.size > 0
        ? [`lag ${[...this.#lags.values()].reduce((sum, lag) => sum + lag, 0).toLocaleString('en')} ${this.#lagUnit}`]
        : []),
      ...(this.#freshnessSeconds === undefined ? [] : [`cut to commit ${this.#freshnessSeconds.toFixed(1)} s`]),
    ]
    return parts.join(' · ')
  }
}

function placeOf(labels: Readonly<Record<string, string>>): string {
  return `${labels['topic'] ?? ''}/${labels['partition'] ?? ''}`
}

const refreshMs = 500

/** Keeps one line of a terminal up to date until `signal` aborts. */
export async function showProgress(
  progress: RunProgress,
  note: (text: string) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    note(`\r\u001b[K${progress.line()}`)
    await clock.sleep(refreshMs, signal)
  }
  note(`\r\u001b[K${progress.line()}\n`)
}
