import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dashboardFiles } from './dashboards.ts'
import { loggingPage } from './logging-page.ts'
import { metricsPage } from './metrics-page.ts'

/** Writes what is generated: `npm run generate --workspace tests`. A test says when it is stale. */
const root = new URL('../../', import.meta.url)
for (const [name, text] of dashboardFiles())
  writeFileSync(fileURLToPath(new URL(`deploy/observability/dashboards/${name}`, root)), text)
writeFileSync(fileURLToPath(new URL('docs/logging.md', root)), loggingPage())
writeFileSync(fileURLToPath(new URL('docs/metrics.md', root)), metricsPage())
