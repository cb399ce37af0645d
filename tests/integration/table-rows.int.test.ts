import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { systemClock, systemRandom } from '@silt/core'
import { openStore } from '@silt/object-store'
import { makeMixedTable, mixedRows } from '../support/mixed-table.ts'
import { siltCommand, type Ended, type Environment } from '../support/silt-command.ts'

const { minio } = inject('servers')
const prefix = `s3://${minio.bucket}/table-rows/${systemRandom.uuid()}`
const s3 = {
  AWS_ENDPOINT_URL: minio.endpoint,
  AWS_ACCESS_KEY_ID: minio.accessKeyId,
  AWS_SECRET_ACCESS_KEY: minio.secretAccessKey,
  AWS_ALLOW_HTTP: 'true',
}
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silt-table-rows-'))
  await makeMixedTable(join(folder, 'mixed'))
  await upload(join(folder, 'mixed'), `${prefix}/mixed`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const places: readonly (readonly [name: string, root: () => string, environment: Environment])[] = [
  ['a folder', () => folder, {}],
  ['S3', () => prefix, s3],
]

describe.each(places)('a table in %s', (_, root, environment) => {
  const silt = (...argv: readonly string[]): Promise<Ended> => siltCommand(argv, environment)

  test('that another engine made in every way: rows as they are meant, as JSON, by SQL and as one Parquet file', async () => {
    const table = `${root()}/mixed`
    const cat = await silt('table', 'cat', table)
    expect(rowsOf(cat)).toEqual(mixedRows)
    const query = await silt(
      'table',
      'query',
      'SELECT count(*) AS rows, max(price) AS most, max(list[1].text) AS text FROM t',
      table,
    )
    expect(rowsOf(query)).toEqual([{ rows: 5, most: '5.2500', text: '5' }])
    const output = join(folder, 'rows.parquet')
    expect(await silt('table', 'cat', table, '--format', 'parquet', '--output', output)).toMatchObject({ code: 0 })
    expect((await readFile(output)).subarray(0, 4).toString()).toBe('PAR1')
    const some = await silt('table', 'cat', table, '--columns', 'added,id', '--limit', '2')
    expect(rowsOf(some)).toEqual([
      { added: null, id: 0 },
      { added: null, id: 2 },
    ])
    const shown = await silt('table', 'show', table, '--json')
    expect(JSON.parse(shown.printed)).toMatchObject({ version: 0, files: 2, rows: 5, partitionColumns: ['day', 'at'] })
  })

  test('is made once, from SQL, and looked at by every command', async () => {
    const schema = join(folder, 'schema.sql')
    await writeFile(
      schema,
      'CREATE TABLE orders (id BIGINT NOT NULL, at TIMESTAMP_NTZ, day DATE) USING delta PARTITIONED BY (day) COMMENT "what was ordered"',
    )
    const table = `${root()}/made`
    expect(
      await silt('table', 'create', table, '--schema', schema, '--property', 'delta.appendOnly=true'),
    ).toMatchObject({ code: 0 })
    const again = await silt('table', 'create', table, '--schema', schema)
    expect(again, again.told).toMatchObject({ refusedAs: 'table/exists' })
    const shown = await silt('table', 'show', table, '--json')
    expect(JSON.parse(shown.printed)).toMatchObject({
      version: 0,
      rows: 0,
      files: 0,
      partitionColumns: ['day'],
      description: 'what was ordered',
    })
    expect((JSON.parse(shown.printed) as { features: string[] }).features).toContain('timestampNtz')
    expect(rowsOf(await silt('table', 'cat', table))).toEqual([])
    expect(rowsOf(await silt('table', 'query', 'SELECT count(*) AS rows FROM t', table))).toEqual([{ rows: 0 }])
    expect((await silt('table', 'history', table)).printed).toContain('CREATE TABLE')
    expect(await silt('table', 'check', table)).toMatchObject({ code: 0 })
  })

  test('goes back and forth: diff tells what restore did, and a version whose files are gone is refused', async () => {
    const table = `${root()}/mixed`
    const store = openStore(
      table,
      { endpoint: minio.endpoint, region: 'us-east-1', allowHttp: true, credentials: minio },
      { clock: systemClock, random: systemRandom },
    )
    try {
      const removal = { remove: { path: 'new%20%5B1%5D.parquet', deletionTimestamp: 1, dataChange: true } }
      await store.put('_delta_log/00000000000000000001.json', Buffer.from(`${JSON.stringify(removal)}\n`))
      expect(rowsOf(await silt('table', 'cat', table))).toHaveLength(4)
      expect(rowsOf(await silt('table', 'cat', table, '--version', '0'))).toHaveLength(5)
      const back = await silt('table', 'restore', table, '--version', '0', '--reason', 'wrong delete')
      expect(back, back.told).toMatchObject({ code: 0 })
      expect(rowsOf(await silt('table', 'cat', table))).toEqual(mixedRows)
      const diff = await silt('table', 'diff', '1', '2', table, '--json')
      expect(JSON.parse(diff.printed)).toMatchObject({
        filesAdded: 1,
        filesRemoved: 0,
        columns: [],
        paths: { added: ['new [1].parquet'] },
      })
      expect((await silt('table', 'history', table)).printed).toContain('back to version 0: wrong delete')
      const again = await silt('table', 'restore', table, '--version', '0', '--reason', 'twice')
      expect(again.printed).toContain('nothing to do')
    } finally {
      await store.close()
    }
  })
})

test('a version whose files are gone is not restored, and a missing or broken file is named', async () => {
  const table = join(folder, 'gone')
  await makeMixedTable(table)
  const made = (await readFile(join(table, '_delta_log/00000000000000000000.json'), 'utf8')).split('\n')
  const { add } = JSON.parse(made.find((line) => line.includes('"old.parquet"')) ?? '') as {
    add: { deletionVector: object }
  }
  const { deletionVector } = add
  const removal = { remove: { path: 'old.parquet', deletionTimestamp: 1, dataChange: true, deletionVector } }
  await writeFile(join(table, '_delta_log/00000000000000000001.json'), `${JSON.stringify(removal)}\n`)
  await rm(join(table, 'old.parquet'))
  const restored = await siltCommand(['table', 'restore', table, '--version', '0', '--reason', 'x'])
  expect(restored).toMatchObject({ code: 4, refusedAs: 'table/restore-refused' })
  expect(await siltCommand(['table', 'cat', table, '--version', '0'])).toMatchObject({
    refusedAs: 'table/file-missing',
  })
  await writeFile(join(table, 'new [1].parquet'), 'no Parquet')
  const broken = await siltCommand(['table', 'cat', table])
  expect(broken).toMatchObject({ code: 1, refusedAs: 'table/file-unreadable' })
  expect(broken.told).toContain('new [1].parquet')
  expect(await siltCommand(['table', 'query', 'SELECT nothing FROM t', join(folder, 'mixed')])).toMatchObject({
    refusedAs: 'table/query-failed',
  })
  const reached = await siltCommand([
    'table',
    'query',
    `SELECT * FROM read_text('/etc/hostname')`,
    join(folder, 'mixed'),
  ])
  expect(reached.told).toContain('file system operations are disabled')
  expect((await readdir(tmpdir())).filter((name) => name.startsWith('silt-rows-'))).toEqual([])
})

function rowsOf({ code, printed, told }: Ended): readonly object[] {
  expect(code, told).toBe(0)
  return printed.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as object]))
}

async function upload(from: string, to: string): Promise<void> {
  const store = openStore(
    to,
    { endpoint: minio.endpoint, region: 'us-east-1', allowHttp: true, credentials: minio },
    { clock: systemClock, random: systemRandom },
  )
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    await store.put(path.slice(from.length + 1), await readFile(path))
  }
  await store.close()
}
