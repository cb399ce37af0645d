import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { MemoryResult } from '../../memory/section.ts'
import { spreadOf } from '../../measure/spread.ts'
import { goalTable } from '../../report/goals.ts'
import { memoryTables } from '../../report/memory-tables.ts'
import { withSection } from '../../report/markdown.ts'
import { benchmarksPage, chart, readmePage } from '../../report/pages.ts'
import { lastResults, reportPaths } from '../../report/section.ts'
import type { CaseResult } from '../../stages/section.ts'

function measured(name: string, micros: number): CaseResult['measured'][number] {
  return { name, cpuMicrosPerEvent: spreadOf([micros]), bytesPerRow: 40 }
}

describe('what the documentation says of the last results', () => {
  const results = lastResults()

  test('is what npm run bench -- report writes', () => {
    const page = readFileSync(reportPaths.page, 'utf8')
    const readme = readFileSync(reportPaths.readme, 'utf8')
    expect(benchmarksPage(page, results)).toBe(page)
    expect(readmePage(readme, results)).toBe(readme)
    expect(chart(results)).toBe(readFileSync(reportPaths.chart, 'utf8'))
  })
})

describe('goals', () => {
  const stages: CaseResult[] = [
    {
      axis: 'unit size',
      label: '50,000',
      eventBytes: 626,
      events: 100_000,
      measured: [measured('plane', 1), measured('duckdb', 2)],
    },
    {
      axis: 'key order',
      label: 'shuffled',
      eventBytes: 626,
      events: 100_000,
      measured: [measured('plane', 1.8), measured('duckdb', 2)],
    },
  ]

  // Of ten parts, then one as produced, one with the large event, one after it.
  const highestMB = [250, 280, 290, 300, 300, 300, 300, 300, 300, 300, 310, 500, 420]
  const memory: MemoryResult = {
    cache: 'cold',
    events: 10_000_000,
    partEvents: 1_000_000,
    largeBytes: 16_000_000,
    series: [{ name: 'writer', highestMiB: highestMB.map((megabytes) => (megabytes * 1e6) / 2 ** 20) }],
    replaced: { beforeLarge: 1, atEnd: 3 },
  }

  test('of memory: where the topic ends, what the large event took and what came after', () => {
    const [line] = memoryTables([memory])
      .split('\n')
      .filter((each) => each.startsWith('| compile cache cold'))
    expect(line).toBe('| compile cache cold | 250 | 300 | 300 | 0.00 | 500 | 420 | 1, 2 |')
  })

  test('are met, missed or not measured', () => {
    const lines = goalTable({ stages, pipeline: [], pipelineLong: [], memory: [memory] }).split('\n')
    const line = (start: string): string | undefined => lines.find((each) => each.startsWith(`| ${start}`))
    expect(line('scan + encode : DuckDB')).toContain('| at most 0.6 | 0.50 | yes |')
    expect(line('the same, keys shuffled')).toContain('| at most 0.8 | 0.90 | no |')
    expect(line('RSS of the writer')).toContain('| not measured |')
    expect(line('the same, in the million after')).toContain('| at most 400 MB | 420 MB | no |')
    expect(line('its last million : its fifth')).toContain('| 1.00 | yes |')
  })
})

describe('a section of a page', () => {
  const page = 'above\n<!-- a -->\nold\n<!-- /a -->\nbelow'

  test('is replaced, and nothing else', () => {
    const once = withSection(page, 'a', 'new')
    expect(once).toBe('above\n<!-- a -->\n\nnew\n\n<!-- /a -->\nbelow')
    expect(withSection(once, 'a', 'new')).toBe(once)
  })

  test('has to be there', () => {
    expect(() => withSection(page, 'b', 'new')).toThrow('<!-- b -->')
  })
})

test('a median of an even count is between the two in the middle', () => {
  expect(spreadOf([4, 1, 2, 8])).toEqual({ median: 3, min: 1, max: 8, count: 4 })
})
