import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parser } from '@prometheus-io/lezer-promql'
import { expect, test } from 'vitest'
import { metricTable } from '@silt/telemetry'
import { dashboardFiles, dashboardPlans } from '../../observability/dashboards.ts'
import { loggingPage } from '../../observability/logging-page.ts'
import { metricsPage } from '../../observability/metrics-page.ts'
import { alertRules, recordedNames } from '../../support/alert-rules.ts'
import { dashboardQueries } from '../../support/dashboard-queries.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8')
const remedy = 'stale: npm run generate --workspace tests'

test('what is checked in is what the code generates', () => {
  const folder = 'deploy/observability/dashboards'
  expect(readdirSync(`${root}/${folder}`).sort(), remedy).toEqual([...dashboardFiles().keys()].sort())
  for (const [name, text] of dashboardFiles()) expect(read(`${folder}/${name}`), remedy).toBe(text)
  expect(read('docs/metrics.md'), remedy).toBe(metricsPage())
  expect(read('docs/logging.md'), remedy).toBe(loggingPage())
})

test('there is a dashboard for each thing an operator looks at', () => {
  expect(dashboardPlans.map(({ uid }) => uid)).toEqual([
    'silt-overview',
    'silt-writer',
    'silt-committer',
    'silt-queues',
    'silt-table',
  ])
})

test.each(dashboardQueries())('$dashboard / $panel: the query is PromQL and asks for what there is', ({ expr }) => {
  expect(faultsOf(expr)).toEqual([])
})

test.each(alertRules())('$name: the expression is PromQL and asks for what there is', ({ expr }) => {
  expect(faultsOf(expr)).toEqual([])
})

/** Nodes the parser could not make sense of, and metrics that nobody reports. */
function faultsOf(expr: string): readonly string[] {
  const faults: string[] = []
  const known = recordedNames()
  parser.parse(expr).iterate({
    enter: (node) => {
      const text = expr.slice(node.from, node.to)
      if (node.type.isError) faults.push(`not understood at ${node.from}: ${text}`)
      if (node.name !== 'Identifier' || !/^silt[_:]/.test(text)) return
      const name = text.replace(/_(bucket|count|sum)$/, '')
      if (!(text in metricTable) && !(name in metricTable) && !known.has(text)) faults.push(`nobody reports ${text}`)
    },
  })
  return faults
}

test('the check of queries sees a broken one and an unknown metric', () => {
  expect(faultsOf('sum by (table (rate(silt_commits_total[1m]))')).not.toEqual([])
  expect(faultsOf('rate(silt_commit_total[1m])')).toEqual(['nobody reports silt_commit_total'])
})
