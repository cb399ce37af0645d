import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { systemClock, systemRandom, type ObjectStore } from '@silt/core'
import { checkTable } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { appendEvents, commitUnit, stateOf, unitOf } from '../support/append-events.ts'
import { expectedRows, featureTables, makeFeatureTable, type Event } from '../support/feature-tables.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'

const script = fileURLToPath(new URL('features_with_spark.py', import.meta.url))

interface SparkTable {
  readonly name: string
  readonly table: string
  readonly expected: readonly Event[]
  /** Of Spark's own rows. */
  readonly ids?: readonly number[]
  readonly upkeep: boolean
}

/** Upkeep takes Spark some seconds a table. */
const upkept: ReadonlySet<string> = new Set([
  'row-ids',
  'vectors',
  'silt plain',
  'silt mapped-and-partitioned',
  'silt generated-partition',
  'silt many',
])

test('Spark reads tables of each feature that Silt wrote, or appended to after Spark; it appends, optimises and writes checkpoints, and Silt goes on', () =>
  withScratch(async (folder) => {
    const made = await withSpark<Readonly<Record<string, readonly number[]>>>('make', folder)
    const tables: SparkTable[] = []
    for (const [name, ids] of Object.entries(made)) {
      const table = join(folder, `spark-${name}`)
      const events = eventsFor(name)
      await appendEvents(
        storeOf(table),
        events.map((event) => JSON.stringify(event)),
      )
      tables.push({
        name,
        table,
        ids,
        upkeep: upkept.has(name),
        expected: events.map((event) => ({ ...event, ...completed(name, event) })),
      })
    }
    for (const each of featureTables) {
      const table = join(folder, each.name)
      await mkdir(table)
      await makeFeatureTable(storeOf(table), each)
      const name = `silt ${each.name}`
      tables.push({ name, table, upkeep: upkept.has(name), expected: expectedRows(each) })
    }
    await writeFile(join(folder, 'tables.json'), JSON.stringify(tables))
    const found = await withSpark<Readonly<Record<string, string>>>('read', folder)
    console.log(
      Object.entries(found)
        .map(([name, verdict]) => `${name} | ${verdict}`)
        .join('\n'),
    )
    expect(found).toEqual(Object.fromEntries(tables.map(({ name }) => [name, 'ok'])))
    for (const { name, table } of tables) {
      const store = storeOf(table)
      const state = await stateOf(store)
      const before = state.txns.get('silt:appended:log-1:0') ?? 0
      await commitUnit(store, state, await unitOf(store, state, [JSON.stringify({ id: 7, big: 7 })]))
      expect((await stateOf(store)).txns.get('silt:appended:log-1:0'), name).toBe(before + 1)
      expect((await checkTable(store, new HyparquetReader())).findings, name).toEqual([])
    }
  }))

function storeOf(location: string): ObjectStore {
  return openStore(location, { region: '', allowHttp: false }, { clock: systemClock, random: systemRandom })
}

function eventsFor(name: string): readonly Event[] {
  return Array.from({ length: 3 }, (_, row) => ({
    timestamp: `2026-05-0${row + 1}T06:07:08.123456Z`,
    user_id: `user-${row}`,
    id: 10 + row,
    text: ['x', 'y/z: %=', 'ü'][row],
    day: `2026-02-0${row + 1}`,
    ...(name === 'zoneless' ? { local: `2026-03-0${row + 1}T01:02:03.456789` } : {}),
    ...(name === 'widened' ? { small: 3_000_000_000 + row } : {}),
    ...(name === 'partitions' ? { at: `2026-04-0${row + 1}T01:02:03Z` } : {}),
  }))
}

/** What the table adds to an event. */
function completed(name: string, event: Event): Event {
  if (name === 'generated') return { doubled: 2 * Number(event['id']) }
  return name === 'default' ? { origin: 'somewhere' } : {}
}

function withSpark<T>(action: 'make' | 'read', folder: string): Promise<T> {
  return runPython<T>(script, [action, folder, given('SILT_TEST_SPARK_JARS')], {}, given('SILT_TEST_SPARK_PYTHON'))
}

function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: \`npm test -- spark\` prepares what this needs`)
  return value
}
