import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@silt/core'
import { loadSnapshot, type Snapshot } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram } from '../../src/program.ts'
import { catTable } from '../../src/table/cat-table.ts'
import { addOf, column, HandTables, metaData } from '../support/hand-table.ts'
import { testTerminal } from '../support/terminal.ts'

const missing = new Error('DuckDB is missing')
const reader = new HyparquetReader()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silt-cat-'))
  await silt('demo', '--events', '50')
  await silt('run', '--until-idle')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('rows without DuckDB are spelled as DuckDB gives them, partitions among them', async () => {
  const store = openStore(
    join(folder, 'table'),
    { endpoint: undefined, region: '', allowHttp: true },
    { clock: systemClock, random: systemRandom },
  )
  const snapshot = await loadSnapshot(store, reader)
  const plain: string[] = []
  await catTable(store, reader, snapshot, {}, (text) => Promise.resolve(void plain.push(text)), missing)
  expect(plain.join('').split('\n')).toHaveLength(51)
  expect(plain.join('')).toBe(await silt('table', 'cat'))
  const some: string[] = []
  const options = { columns: ['_offset', 'event_type'], limit: 7 }
  await catTable(store, reader, snapshot, options, (text) => Promise.resolve(void some.push(text)), missing)
  expect(some.join('')).toBe(await silt('table', 'cat', '--columns', '_offset,event_type', '--limit', '7'))
  const mapped: Snapshot = {
    ...snapshot,
    protocol: { minReaderVersion: 2, minWriterVersion: 5 },
    metadata: { ...snapshot.metadata, configuration: { 'delta.columnMapping.mode': 'name' } },
  }
  const refused = catTable(store, reader, mapped, {}, () => Promise.resolve(), missing)
  await expect(refused).rejects.toBe(missing)
  await store.close()
})

test('partition values of every type are spelled so as well, whatever the columns are called', async () => {
  const tables = await HandTables.open()
  const values = {
    at: ['timestamp', '2020-01-01 10:00:00.5'],
    local: ['timestamp_ntz', '2020-01-01 10:00:00'],
    day: ['date', '2020-01-01'],
    flag: ['boolean', 'true'],
    price: ['decimal(10,2)', '1.5'],
    whole: ['long', '9007199254740993'],
    nan: ['double', 'NaN'],
    real: ['float', '0.1'],
    bytes: ['binary', 'ab\u0001é'],
    text: ['string', 'x'],
    none: ['string', null],
  } as const
  const entries = Object.entries(values)
  const columns = entries.map(([name, [type]]) => column(name, type))
  const protocol = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['timestampNtz'] }
  const table = await tables.table('partitions', [
    { protocol: { ...protocol, writerFeatures: ['timestampNtz'] } },
    metaData([column('constructor', 'string'), ...columns], { partitionColumns: Object.keys(values) }),
    addOf('a.parquet', { partitionValues: Object.fromEntries(entries.map(([name, [, text]]) => [name, text])) }),
  ])
  await tables.file(join(table, 'a.parquet'), `SELECT 'x' AS "constructor"`)
  const store = openStore(
    table,
    { endpoint: undefined, region: '', allowHttp: true },
    { clock: systemClock, random: systemRandom },
  )
  const plain: string[] = []
  const snapshot = await loadSnapshot(store, reader)
  await catTable(store, reader, snapshot, {}, (text) => Promise.resolve(void plain.push(text)), missing)
  expect(plain.join('')).toBe(await silt('table', 'cat', table))
  await store.close()
  await tables.close()
})

async function silt(...argv: readonly string[]): Promise<string> {
  let printed = ''
  const environment = {
    TOPICS_DIR: join(folder, 'topics'),
    DELTA_TABLE_PATH: join(folder, 'table'),
    PARTITION_BY: 'event_date',
    OPS_PORT: '0',
    LOG_LEVEL: 'silent',
  }
  const code = await runProgram(
    argv,
    testTerminal({ environment }, (text) => void (printed += text)),
  )
  expect(code, printed).toBe(0)
  return printed
}
