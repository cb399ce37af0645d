import { expect, test } from 'vitest'
import { compareEngines } from '../../shared/dataplane/test/engines/compare.ts'
import { python } from '../support/python.ts'
import { testSeed } from '../support/seed.ts'

test('files of random records of random tables hold what the rules of the event table make of them, read by every engine', async () => {
  const seed = testSeed('plane files')
  const { counts, values, differences } = await compareEngines({ schemas: 40, tables: 40, seed, python })
  expect(differences).toEqual([])
  expect(counts).toMatchObject({ differences: 0, schemas: 40, tables: 40, filteredFiles: 4 })
  for (const engine of ['pyarrow', 'duckdb', 'parquet-wasm', 'hyparquet'])
    expect(values[engine], engine).toBeGreaterThan(10_000)
})
