import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addOf, column, HandTables, metaData, plainProtocol } from '../support/hand-table.ts'
import { silt } from '../support/silt.ts'

/** What other engines may have made, as `silt table` shows it. */
describe('a table of another engine', () => {
  let tables: HandTables
  beforeAll(async () => {
    tables = await HandTables.open()
  })
  afterAll(() => tables.close())

  const mapped = { 'delta.columnMapping.id': 1, 'delta.columnMapping.physicalName': 'c1' }

  it('whose column mapping is spelled in another case has its rows', async () => {
    const configuration = { 'delta.columnMapping.mode': 'Name', 'delta.columnMapping.maxColumnId': '1' }
    const table = await tables.table('mapped', [
      { protocol: { minReaderVersion: 2, minWriterVersion: 5 } },
      metaData([column('id', 'long', mapped)], { configuration }),
      addOf('a.parquet'),
    ])
    await tables.file(join(table, 'a.parquet'), 'SELECT 7::BIGINT AS c1')
    expect(await silt('table', 'cat', table)).toMatchObject({ code: 0, printed: '{"id":7}\n' })
  })

  it('that says to readers alone that its columns are mapped has its rows', async () => {
    const table = await tables.table('reader', [
      { protocol: { minReaderVersion: 2, minWriterVersion: 7, writerFeatures: [] } },
      metaData([column('id', 'long', mapped)], { configuration: { 'delta.columnMapping.mode': 'name' } }),
      addOf('a.parquet'),
    ])
    await tables.file(join(table, 'a.parquet'), 'SELECT 7::BIGINT AS c1')
    expect(await silt('table', 'cat', table)).toMatchObject({ code: 0, printed: '{"id":7}\n' })
  })

  it('whose protocol lacks column mapping has its files read by the names of its columns', async () => {
    const configuration = { 'delta.columnMapping.mode': 'name' }
    const table = await tables.table('unmapped', [
      plainProtocol,
      metaData([column('id', 'long', mapped)], { configuration }),
      addOf('a.parquet'),
    ])
    await tables.file(join(table, 'a.parquet'), 'SELECT 7::BIGINT AS id')
    expect(await silt('table', 'cat', table)).toMatchObject({ code: 0, printed: '{"id":7}\n' })
  })

  it('with columns of type void has nulls in them', async () => {
    const type = { type: 'struct', fields: [column('a', 'long'), column('n', 'void')] }
    const table = await tables.table('void', [
      plainProtocol,
      metaData([column('id', 'long'), column('v', 'void'), column('s', type)]),
      addOf('a.parquet', { size: 0 }),
    ])
    await tables.file(join(table, 'a.parquet'), "SELECT 7::BIGINT AS id, {'a': 8::BIGINT} AS s")
    const ended = await silt('table', 'cat', table)
    expect(ended, ended.told).toMatchObject({ code: 0, printed: '{"id":7,"v":null,"s":{"a":8,"n":null}}\n' })
    const output = join(tables.folder, 'void.parquet')
    expect(await silt('table', 'cat', table, '--format', 'parquet', '--output', output)).toMatchObject({ code: 0 })
    expect((await silt('table', 'check', table, '--rows')).printed).not.toContain('broken-schema')
  })

  it('with a path that is not URI-encoded is shown all the same', async () => {
    const schema = metaData([column('id', 'long')])
    const table = await tables.table('paths', [plainProtocol, schema], [addOf('a%zz.parquet')])
    expect((await silt('table', 'files', table)).printed).toContain('a%zz.parquet')
    expect((await silt('table', 'diff', '0', '1', table, '--json')).printed).toContain('a%zz.parquet')
    expect((await silt('table', 'show', table)).printed).toContain('rows        unknown')
    expect(await silt('table', 'check', table)).toMatchObject({ code: 1, told: '1 finding\n' })
  })

  it('with times that no calendar has is read to its end', async () => {
    const protocol = {
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ['timestampNtz'],
        writerFeatures: ['timestampNtz'],
      },
    }
    const schema = metaData([column('d', 'date'), column('t', 'timestamp_ntz')])
    const table = await tables.table('times', [protocol, schema, addOf('a.parquet')])
    await tables.file(join(table, 'a.parquet'), "SELECT 'infinity'::DATE AS d, 'infinity'::TIMESTAMP AS t")
    const ended = await silt('table', 'cat', table)
    expect(ended, ended.told).toMatchObject({ code: 0 })
    expect(ended.printed).toBe('{"d":"2147483647 days","t":"9223372036854775807 us"}\n')
  })

  it('of which a checkpoint alone is left has no history, and is a table', async () => {
    const table = await tables.table('checkpoint', [plainProtocol, metaData([column('id', 'long')])])
    const protocol = "{'minReaderVersion': 1, 'minWriterVersion': 2}"
    const schema = `{"type":"struct","fields":[]}`
    const described = `{'id': 'x', 'format': {'provider': 'parquet'}, 'schemaString': '${schema}', 'partitionColumns': []::VARCHAR[]}`
    await tables.file(
      join(table, '_delta_log/00000000000000000003.checkpoint.parquet'),
      `SELECT ${protocol} AS protocol, NULL AS "metaData" UNION ALL SELECT NULL, ${described}`,
    )
    await rm(join(table, '_delta_log/00000000000000000000.json'))
    const shown = await silt('table', 'show', table)
    expect(shown, shown.told).toMatchObject({ code: 0 })
    expect(await silt('table', 'history', table)).toMatchObject({ code: 0, printed: '' })
  })

  it('with statistics that count no rows has its rows counted otherwise', async () => {
    const adds = ['{"numRecords":-5}', '{"numRecords":1.5}'].map((stats, index) => addOf(`${index}.parquet`, { stats }))
    const table = await tables.table('counts', [plainProtocol, metaData([column('id', 'long')]), ...adds])
    for (const name of ['0', '1']) await tables.file(join(table, `${name}.parquet`), 'SELECT 7::BIGINT AS id')
    expect(JSON.parse((await silt('table', 'show', table, '--json')).printed)).toMatchObject({ rows: 2 })
  })

  it('with files by URL has them read, whatever their names hold', async () => {
    const elsewhere = join(tables.folder, 'elsewhere', 't=a%20b')
    await mkdir(elsewhere, { recursive: true })
    await tables.file(join(elsewhere, 'x#1.parquet'), 'SELECT 7::BIGINT AS id')
    const encoded = `${tables.folder}/elsewhere/t=a%2520b/x%231.parquet`
    for (const [name, path] of Object.entries({ url: `file://${encoded}`, short: `file:${encoded}`, plain: encoded })) {
      const table = await tables.table(name, [plainProtocol, metaData([column('id', 'long')]), addOf(path)])
      const ended = await silt('table', 'cat', table)
      expect(ended, ended.told).toMatchObject({ code: 0, printed: '{"id":7}\n' })
    }
  })
})
