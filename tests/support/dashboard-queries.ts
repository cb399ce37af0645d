import { dashboardPlans } from '../observability/dashboards.ts'

export interface DashboardQuery {
  readonly dashboard: string
  readonly panel: string
  /** With Grafana's variables filled in. */
  readonly expr: string
}

/** Every query of every dashboard as Grafana sends it with all tables chosen. */
export function dashboardQueries(rateInterval = '1m'): readonly DashboardQuery[] {
  return dashboardPlans.flatMap(({ uid, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ title, queries }) =>
        queries.map(({ expr }) => ({
          dashboard: uid,
          panel: title,
          expr: expr.replaceAll('$table', '.*').replaceAll('$__rate_interval', rateInterval),
        })),
      ),
    ),
  )
}
