import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addOf, column, HandTables, metaData, plainProtocol } from '../support/hand-table.ts'
import { silt } from '../support/silt.ts'

describe('silt table query', () => {
  let tables: HandTables
  let table: string
  beforeAll(async () => {
    tables = await HandTables.open()
    table = await tables.table('plain', [plainProtocol, metaData([column('id', 'long')]), addOf('a.parquet')])
    await tables.file(join(table, 'a.parquet'), 'SELECT 1::BIGINT AS id')
  })
  afterAll(() => tables.close())

  it.each([
    'SELECT*FROM t',
    'FROM t',
    '(SELECT id FROM t)',
    '/* all */ SELECT * FROM t',
    'SELECT * FROM t -- all',
    'VALUES(1)',
  ])('answers %j as JSON and as Parquet', async (sql) => {
    const asJson = await silt('table', 'query', sql, table)
    expect(asJson, asJson.told).toMatchObject({ code: 0, printed: expect.stringMatching(/^\{"\w+":1\}\n$/) as string })
    const output = join(tables.folder, 'rows.parquet')
    const asParquet = await silt('table', 'query', sql, table, '--format', 'parquet', '--output', output)
    expect(asParquet, asParquet.told).toMatchObject({ code: 0 })
  })

  it.each(['SUMMARIZE t', 'DESCRIBE t', 'PIVOT t ON id USING count(*)'])('answers %j', async (sql) => {
    expect(await silt('table', 'query', sql, table)).toMatchObject({ code: 0 })
  })

  it.each([
    ['a copy over a commit', (folder: string) => `COPY t TO '${folder}/_delta_log/00000000000000000000.json'`],
    ['a copy of a pivot', (folder: string) => `COPY (PIVOT t ON id USING count(*)) TO '${folder}/new.parquet'`],
    ['an explained copy', (folder: string) => `EXPLAIN ANALYZE COPY t TO '${folder}/new.parquet'`],
    ['a database beside the data', (folder: string) => `ATTACH '${folder}/new.db' AS other`],
    ['two statements', () => 'SELECT 1; SELECT 2'],
    ['a statement that changes what is read', () => 'DROP VIEW t'],
    ['nothing', () => '/* nothing */'],
  ])('refuses %s and writes nothing', async (_, sql) => {
    const before = await readdir(table, { recursive: true })
    for (const format of ['json', 'parquet']) {
      const ended = await silt('table', 'query', sql(table), table, '--format', format)
      expect(ended, ended.told).toMatchObject({
        code: 2,
        told: expect.stringContaining('[table/query-failed]') as string,
      })
    }
    expect(await readdir(table, { recursive: true })).toEqual(before)
    expect(await silt('table', 'show', table)).toMatchObject({ code: 0 })
  })
})
