import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { DashboardPlan, PanelPlan } from './panel.ts'

const datasource = { type: 'prometheus', uid: '${datasource}' }
const statHeight = 4
const linesHeight = 8

/** A plan as Grafana's own JSON model: a datasource and a table to choose, rows of panels. */
export function buildDashboard(plan: DashboardPlan): Dashboard {
  const builder = new DashboardBuilder(plan.title)
    .uid(plan.uid)
    .description(plan.description)
    .tags(['silt'])
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('table')
        .label('Table')
        .datasource(datasource)
        .query('label_values(silt_store_requests_total, table)')
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .allValue('.*'),
    )
  let id = 0
  for (const row of plan.rows) {
    builder.withRow(new RowBuilder(row.title).id(++id))
    for (const panel of row.panels) builder.withPanel(buildPanel(panel).id(++id))
  }
  return builder.build()
}

function buildPanel(plan: PanelPlan): StatBuilder | TimeseriesBuilder {
  const builder =
    plan.kind === 'stat' ? new StatBuilder().height(statHeight) : new TimeseriesBuilder().height(linesHeight).min(0)
  builder.title(plan.title).description(plan.description).unit(plan.unit).span(plan.width).datasource(datasource)
  for (const [index, { expr, legend }] of plan.queries.entries()) {
    const query = new DataqueryBuilder()
      .expr(expr)
      .legendFormat(legend)
      .refId(String.fromCharCode(65 + index))
    builder.withTarget(plan.kind === 'stat' ? query.instant() : query.range())
  }
  return builder
}
