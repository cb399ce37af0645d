import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock, systemRandom } from '@silt/core'
import { checkTable, columnMappingOf, commitInfoOf, readEntry, type Action } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { stateOf } from '../support/append-events.ts'
import { expectedRows, featureTables, makeFeatureTable } from '../support/feature-tables.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'

const script = join(import.meta.dirname, 'feature_tables.py')
const noS3 = { region: '', allowHttp: false }

test('a table of each feature that Silt writes is read back equal, rows and statistics, by deltalake and DuckDB', () =>
  withScratch(async (folder) => {
    const tables = []
    for (const table of featureTables) {
      const location = join(folder, table.name)
      await mkdir(location)
      const store = openStore(location, noS3, { clock: systemClock, random: systemRandom })
      const adds = await makeFeatureTable(store, table)
      const state = await stateOf(store)
      expect((await checkTable(store, new HyparquetReader())).findings, table.name).toEqual([])
      const mapping = columnMappingOf(state)
      tables.push({
        name: table.name,
        table: location,
        adds,
        schema: state.schema,
        mode: mapping?.mode ?? 'none',
        mappedPartitions: mapping === undefined ? [] : state.metadata.partitionColumns,
        expected: expectedRows(table),
      })
    }
    const list = join(folder, 'tables.json')
    await writeFile(list, JSON.stringify(tables))
    const found = await runPython<Readonly<Record<string, Readonly<Record<string, string>>>>>(script, [list])
    console.log(
      Object.entries(found)
        .map(([name, each]) => `${name} | ${Object.values(each).join(' | ')}`)
        .join('\n'),
    )
    const wanted = Object.fromEntries(
      tables.map(({ name }) => [name, { deltalake: refusedByDeltalake[name] ?? 'ok', duckdb: 'ok', statistics: 'ok' }]),
    )
    expect(found).toEqual(wanted)
  }))

/** Where that reader lacks the feature. */
const refusedByDeltalake: Readonly<Record<string, string>> = {
  'vacuum-protocol-check': 'unsupported',
  'type-widening': 'unsupported',
}

test('clocks only go forward, rows have ids of their own, clustering columns have statistics', () =>
  withScratch(async (folder) => {
    const store = openStore(folder, noS3, { clock: systemClock, random: systemRandom })
    const many = featureTables.find(({ name }) => name === 'many')
    if (many === undefined) throw new Error('there is a table of many features')
    await makeFeatureTable(store, many)
    const entries = await Promise.all([0, 1, 2, 3].map((version) => readEntry(store, version)))
    const stamps = entries.map((entry) => commitInfoOf(entry?.actions ?? [])?.inCommitTimestamp ?? NaN)
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b))
    const adds = entries.flatMap((entry) =>
      (entry?.actions ?? []).flatMap((each: Action) => ('add' in each ? [each.add] : [])),
    )
    expect(adds.map((add) => [add.baseRowId, add.defaultRowCommitVersion])).toEqual([
      [0, 2],
      [4, 3],
    ])
    const { domains } = await stateOf(store)
    expect(JSON.parse(domains.get('delta.rowTracking')?.configuration ?? '')).toEqual({ rowIdHighWaterMark: 6 })
  }))
