import { buildDashboard } from './build-dashboard.ts'
import { committer } from './committer.ts'
import { overview } from './overview.ts'
import type { DashboardPlan } from './panel.ts'
import { queues } from './queues.ts'
import { table } from './table.ts'
import { writer } from './writer.ts'

/** Every dashboard, as planned. */
export const dashboardPlans: readonly DashboardPlan[] = [overview, writer, committer, queues, table]

/** File name and text of every dashboard, as `deploy/observability/dashboards` holds them. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    dashboardPlans.map((plan) => [`${plan.uid}.json`, `${JSON.stringify(buildDashboard(plan), undefined, 2)}\n`]),
  )
}
