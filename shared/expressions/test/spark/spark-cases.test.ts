import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compareWithSpark, type SparkAnswer, type SparkCase } from './spark-cases.ts'

const [head, ...cases] = readFileSync(new URL('spark-cases.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as unknown) as [Omit<SparkAnswer, 'cases'>, ...SparkCase[]]

test('every expression kept of a run of Spark has its types, values and failures here, or is refused', () => {
  const { agreed, unsupported, differences } = compareWithSpark({ ...head, cases })
  expect(differences).toEqual([])
  expect(agreed + unsupported.length).toBe(cases.length)
  // Those that are refused here are few, or the rest would say little.
  expect(unsupported.length).toBeLessThan(cases.length / 20)
  expect(cases.length).toBeGreaterThan(1000)
})

test('a wrong value, type or failure would be seen', () => {
  const [sum] = compareWithSpark({
    ...head,
    cases: [{ sql: '1 + 1', type: 'int', values: head.rows.map(() => '3') }],
  }).differences
  expect(sum).toBe('1 + 1: row 0 gives 2, by Spark "3"')
  const wrong: readonly SparkCase[] = [
    { sql: '1 + 1', type: 'bigint', values: head.rows.map(() => '2') },
    { sql: '1 + 1', type: 'int', values: head.rows.map(() => ({ failed: 'X' })) },
    { sql: '1 / 0', type: 'double', values: head.rows.map(() => null) },
    { sql: '1 + 1', refused: 'X' },
  ]
  expect(compareWithSpark({ ...head, cases: wrong }).differences).toHaveLength(wrong.length)
})
