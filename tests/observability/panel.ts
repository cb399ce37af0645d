/** What a value is; spelled as Grafana names its units. */
export type Unit = 'short' | 's' | 'bytes' | 'ops' | 'Bps' | 'percentunit' | 'none'

export interface Query {
  readonly expr: string
  /** `{{label}}` is filled in. */
  readonly legend: string
}

/** One panel as data: what is asked, and what it means to who looks at it. */
export interface PanelPlan {
  readonly title: string
  /** One sentence: what is normal, what is not. */
  readonly description: string
  readonly kind: 'stat' | 'timeseries'
  readonly unit: Unit
  readonly queries: readonly Query[]
  /** Of 24 columns. */
  readonly width: number
}

export interface DashboardPlan {
  /** File name and Grafana's uid. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelPlan[] }[]
}

/** A number of now, four or six to a row. */
export function stat(title: string, unit: Unit, expr: string, description: string, width = 4): PanelPlan {
  return { title, description, kind: 'stat', unit, queries: [{ expr, legend: '{{table}}' }], width }
}

/** Lines over time, two to a row. Queries as legend → expression. */
export function lines(
  title: string,
  unit: Unit,
  queries: Readonly<Record<string, string>>,
  description: string,
  width = 12,
): PanelPlan {
  const found = Object.entries(queries).map(([legend, expr]) => ({ expr, legend }))
  return { title, description, kind: 'timeseries', unit, queries: found, width }
}

/** Sum over processes of a counter's rate, by table and what else is named; 0 where nothing was ever counted. */
export function rate(counter: string, ...by: readonly string[]): string {
  return `sum by (${['table', ...by].join(', ')}) (rate(${counter}{table=~"$table"}[$__rate_interval]))${orZero(by)}`
}

/** Largest over processes of a gauge, by table and what else is named. */
export function largest(gauge: string, ...by: readonly string[]): string {
  return `max by (${['table', ...by].join(', ')}) (${gauge}{table=~"$table"})`
}

/** Sum over processes of a gauge, by table and what else is named. */
export function total(gauge: string, ...by: readonly string[]): string {
  return `sum by (${['table', ...by].join(', ')}) (${gauge}{table=~"$table"})`
}

/** A quantile of a histogram of seconds over all processes; 0 while nothing was observed. */
function quantile(q: number, histogram: string): string {
  const buckets = `sum by (table, le) (rate(${histogram}_bucket{table=~"$table"}[$__rate_interval]))`
  return `(histogram_quantile(${q}, ${buckets}) >= 0) or on () vector(0)`
}

/** The three quantiles that are looked at, as lines. */
export function quantiles(histogram: string): Readonly<Record<string, string>> {
  return {
    'half are faster': quantile(0.5, histogram),
    '19 of 20': quantile(0.95, histogram),
    '99 of 100': quantile(0.99, histogram),
  }
}

/** What is rightly empty (errors by code) shows a 0, so that an empty panel means that nothing reports. */
function orZero(by: readonly string[]): string {
  return by.length === 0 ? '' : ' or on () vector(0)'
}
