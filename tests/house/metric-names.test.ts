import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { metricTable } from '@silt/telemetry'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** They name metrics without reporting any. */
const readers = ['metric-table.ts', 'run-progress.ts']

/** Metric names in the sources of whatever reports them. */
function reportedNames(): readonly string[] {
  const sources = ['services', 'shared', 'cli'].flatMap((group) =>
    readdirSync(join(root, group), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && /\/src(\/|$)/.test(entry.parentPath))
      .filter((entry) => !entry.parentPath.includes('node_modules') && !readers.includes(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  )
  const names = sources.flatMap((source) => [...source.matchAll(/'(silt_[a-z_]+)'/g)])
  return [...new Set(names.map(([, name]) => name ?? ''))].sort()
}

test('the metric table and what the code reports are the same names', () => {
  expect(reportedNames()).toEqual(Object.keys(metricTable).sort())
})
