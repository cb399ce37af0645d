import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { assert, type Metrics } from '@silt/core'
import { metricTable } from './metric-table.ts'

type Instrument = Counter | Gauge | Histogram

/** Metrics of one process, kept by prom-client; a name outside the metric table is a bug (`internal/assertion`). */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry()
  readonly #instruments = new Map<string, Instrument>()

  constructor(options: { readonly processMetrics: boolean }) {
    if (options.processMetrics) collectDefaultMetrics({ register: this.#registry })
    for (const [name, { type, help, labels, buckets }] of Object.entries(metricTable)) {
      const common = { name, help, labelNames: [...labels], registers: [this.#registry] }
      const instrument =
        type === 'counter'
          ? new Counter(common)
          : type === 'gauge'
            ? new Gauge(common)
            : new Histogram({ ...common, buckets: [...(buckets ?? [])] })
      this.#instruments.set(name, instrument)
    }
  }

  count(name: string, labels: Readonly<Record<string, string>>, by = 1): void {
    const instrument = this.#instruments.get(name)
    assert(instrument instanceof Counter, `${name} is not a counter of the metric table`)
    instrument.inc(labels, by)
  }

  gauge(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    const instrument = this.#instruments.get(name)
    assert(instrument instanceof Gauge, `${name} is not a gauge of the metric table`)
    instrument.set(labels, value)
  }

  observe(name: string, labels: Readonly<Record<string, string>>, value: number): void {
    const instrument = this.#instruments.get(name)
    assert(instrument instanceof Histogram, `${name} is not a histogram of the metric table`)
    instrument.observe(labels, value)
  }

  /** Prometheus text exposition. */
  async expose(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() }
  }
}
