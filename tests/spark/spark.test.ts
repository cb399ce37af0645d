import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { expectedBounds, pageRows, rowCount, writeTypedFiles } from '../../shared/dataplane/test/engines/typed-files.ts'
import { EmbeddedTable } from '../support/embedded-table.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'
import { testSeed } from '../support/seed.ts'
import { killAllSilt } from '../support/silt-process.ts'

const script = fileURLToPath(new URL('read_with_spark.py', import.meta.url))
const randomTables = 8

/** `[rows found, rows that came out of the file]` of filters. */
interface Answer {
  readonly footers: readonly string[]
  readonly table: Readonly<Record<string, number>>
  readonly pages: Readonly<Record<string, readonly [number, number]>>
  readonly bloom: Readonly<Record<string, readonly [number, number]>>
  readonly warnings: readonly string[]
  readonly warningsOfUnnamed: number
  readonly values: number
  readonly differences: readonly string[]
}

afterAll(killAllSilt)

test('Spark reads files of every type and a table without a warning of parquet-java, skips pages by the page index and row groups by Bloom filters', () =>
  withScratch(async (folder) => {
    const table = new EmbeddedTable(folder)
    const startMs = Date.UTC(2026, 2, 1, 12)
    const events = Array.from({ length: 3000 }, (_, index) => ({
      timestamp: new Date(startMs + index * 1000).toISOString(),
      user_id: `user-${index % 10}`,
      interaction_value: index / 2,
    }))
    await table.append(
      0,
      events.map((event) => JSON.stringify(event)),
    )
    await table.settle()
    const split = startMs / 1000 + 600
    await writeFile(join(folder, 'expected.json'), JSON.stringify({ user: 'user-3', split }))
    await writeTypedFiles(folder, randomTables, testSeed('spark'))

    const answer = await runPython<Answer>(
      script,
      [folder, given('SILT_TEST_SPARK_JARS')],
      {},
      given('SILT_TEST_SPARK_PYTHON'),
    )
    expect(answer.differences).toEqual([])
    expect(answer.values).toBeGreaterThan(20 * rowCount)
    expect(answer.footers).toEqual(expectedBounds())
    const last = startMs / 1000 + 2999
    const sum = (2999 * 3000) / 4
    expect(answer.table).toEqual({ rows: 3000, sum, first: startMs / 1000, last, ofUser: 300, before: 600 })
    // A page instead of a row group.
    expect(answer.pages).toEqual({
      'with index': [10, pageRows],
      without: [10, rowCount / 4],
      'text, with index': [1, pageRows],
      'text, without': [1, rowCount / 4],
    })
    expect(answer.bloom).toEqual({
      'with filter': [0, 0],
      without: [0, rowCount],
      'there, with filter': [1, rowCount / 4],
    })
    expect(answer.warnings).toEqual([])
    // Which shows that they would be seen.
    expect(answer.warningsOfUnnamed).toBeGreaterThan(0)
    await table.expectSound()
  }))

function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: \`npm test -- spark\` prepares what this needs`)
  return value
}
