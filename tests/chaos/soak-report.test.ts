import { expect, test } from 'vitest'
import type { Point } from './growth.ts'
import { settledRun } from './settled-run.ts'
import { soakChart, soakFaults, soakMarkdown, type SoakResult } from './soak-report.ts'

const flat = (value: number): Point[] => Array.from({ length: 300 }, (_, index) => ({ atMs: index * 5_000, value }))
const rising = (from: number, step: number): Point[] =>
  Array.from({ length: 300 }, (_, index) => ({ atMs: index * 5_000, value: from + index * step }))

const series: readonly (readonly [string, readonly Point[]])[] = [
  ['memory writer-0', flat(200 * 2 ** 20)],
  ['memory committer-0', flat(200 * 2 ** 20)],
  ['descriptors writer-0', flat(40)],
  ['redis', flat(3 * 2 ** 20)],
  ['log objects', rising(0, 5)],
  ['log bytes', rising(0, 50_000)],
  ['waits', flat(1_500)],
]

const passed: SoakResult = {
  ...settledRun,
  minutes: 25,
  rate: 300,
  commit: 'abc1234',
  series: new Map(series),
  table: { version: 1_500, files: 1_480, rows: 98, deadLetters: 2 },
}

test('a soak in which only the log grows has passed', () => {
  expect(soakFaults(passed)).toEqual([])
  expect(soakMarkdown(passed)).toContain('| Resident memory, MiB | writer-0 | 200 | 200 | 0 | steady |')
  expect(soakMarkdown(passed)).toContain('grows by design')
  expect(soakChart(passed).match(/<polyline/g)).toHaveLength(series.length)
})

test.each([
  ['Resident memory of writer-0 grows', 'memory writer-0', rising(200 * 2 ** 20, 2 ** 18)],
  ['File descriptors of writer-0 grows', 'descriptors writer-0', rising(40, 0.1)],
  ['Redis of used_memory grows', 'redis', rising(3 * 2 ** 20, 2 ** 14)],
  ['Oldest event that waits of age grows', 'waits', rising(1_000, 100)],
])('%s: it fails', (text, name, points) => {
  const found = soakFaults({ ...passed, series: new Map([...series, [name, points]]) })
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(text)
})

test('a committer may grow with the files its checkpoints list, by no more', () => {
  const grown = (mebibytes: number): readonly string[] =>
    soakFaults({
      ...passed,
      series: new Map([...series, ['memory committer-0', rising(200 * 2 ** 20, (mebibytes * 2 ** 20) / 300)]]),
    })
  expect(grown(150)).toEqual([])
  expect(grown(400)).toHaveLength(1)
})

test('what was not measured, a process that fell over, and a lost event fail it', () => {
  const { count } = passed
  expect(soakFaults({ ...passed, series: new Map(series.slice(1)) })).toEqual(['Resident memory was never measured'])
  expect(soakFaults({ ...passed, restarts: { 'writer-0': 1 } })).toEqual(['writer-0 was started again 1 times'])
  expect(soakFaults({ ...passed, count: { ...count, lost: ['o-1'] } })).toEqual(['lost: 1 (o-1)'])
})
