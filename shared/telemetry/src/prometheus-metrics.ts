import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { assert, type Metrics } from '@silt/core'
import { metricTable, type MetricDefinition, type Reporter } from './metric-table.ts'

type Instrument = Counter | Gauge | Histogram
type Labels = Readonly<Record<string, string>>

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

  /**
   * Shows what these actors count as 0 before it first happens, so that a rate sees the first time too. Counters and histograms whose label values
   * are known; gauges are shown by who knows them.
   */
  begin(reporters: readonly Reporter[], table: string): void {
    for (const [name, definition] of Object.entries(metricTable)) {
      if (definition.reporter !== 'process' && !reporters.includes(definition.reporter)) continue
      const instrument = this.#instruments.get(name)
      for (const labels of knownSeries(definition, table))
        if (instrument instanceof Counter) instrument.inc(labels, 0)
        else if (instrument instanceof Histogram) instrument.zero(labels)
    }
  }

  count(name: string, labels: Labels, by = 1): void {
    const instrument = this.#instruments.get(name)
    assert(instrument instanceof Counter, `${name} is not a counter of the metric table`)
    instrument.inc(labels, by)
  }

  gauge(name: string, labels: Labels, value: number): void {
    this.#gauge(name).set(labels, value)
  }

  observe(name: string, labels: Labels, value: number): void {
    const instrument = this.#instruments.get(name)
    assert(instrument instanceof Histogram, `${name} is not a histogram of the metric table`)
    instrument.observe(labels, value)
  }

  withdraw(name: string, labels: Labels): void {
    this.#gauge(name).remove(labels)
  }

  /** Prometheus text exposition. */
  async expose(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() }
  }

  #gauge(name: string): Gauge {
    const instrument = this.#instruments.get(name)
    assert(instrument instanceof Gauge, `${name} is not a gauge of the metric table`)
    return instrument
  }
}

/** Every combination of known label values; none where a label's values are not known. */
function knownSeries({ labels, values = {} }: MetricDefinition, table: string): readonly Labels[] {
  let series: readonly Labels[] = [{}]
  for (const label of labels) {
    const known = label === 'table' ? [table] : (values[label] ?? [])
    series = series.flatMap((each) => known.map((value) => ({ ...each, [label]: value })))
  }
  return series
}
