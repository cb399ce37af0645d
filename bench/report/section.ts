import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readResult, resultPath } from '../results.ts'
import { benchmarksPage, chart, readmePage, type Results } from './pages.ts'

export const reportHelp = `npm run bench -- report

Writes what bench/results holds into docs/benchmarks.md, the README and docs/images/bench.svg; measures nothing.
`

/** Paths of what is written. */
export const reportPaths = {
  page: fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url)),
  readme: fileURLToPath(new URL('../../README.md', import.meta.url)),
  chart: fileURLToPath(new URL('../../docs/images/bench.svg', import.meta.url)),
}

export function lastResults(): Results {
  return {
    stages: readResult(resultPath('stages')),
    pipeline: readResult(resultPath('pipeline')),
    pipelineLong: readResult(resultPath('pipeline-long')),
    memory: readResult(resultPath('memory')),
    profile: readResult(resultPath('profile')),
    freshness: readResult(resultPath('freshness')),
    delta: readResult(resultPath('delta')),
  }
}

export function runReport(): Promise<void> {
  const results = lastResults()
  writeFileSync(reportPaths.page, benchmarksPage(readFileSync(reportPaths.page, 'utf8'), results))
  writeFileSync(reportPaths.readme, readmePage(readFileSync(reportPaths.readme, 'utf8'), results))
  writeFileSync(reportPaths.chart, chart(results))
  return Promise.resolve()
}
