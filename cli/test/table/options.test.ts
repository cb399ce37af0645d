import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { column, HandTables, metaData, plainProtocol } from '../support/hand-table.ts'
import { silt } from '../support/silt.ts'

describe('silt table', () => {
  let tables: HandTables
  let table: string
  beforeAll(async () => {
    tables = await HandTables.open()
    table = await tables.table('plain', [plainProtocol, metaData([column('id', 'long')])])
  })
  afterAll(() => tables.close())

  it.each(['2036-02-31', '2035-02-29T10:00:00Z', '2036-04-31 10:00'])('takes %s for no time', async (time) => {
    const ended = await silt('table', 'show', table, '--timestamp', time)
    expect(ended).toMatchObject({ code: 2, told: expect.stringContaining('must be an ISO time') as string })
  })

  it('takes the 29th of February of a leap year for a time', async () => {
    expect(await silt('table', 'show', table, '--timestamp', '2036-02-29 10:00')).toMatchObject({ code: 0 })
  })

  it.each([
    ['--rows', '--values'],
    ['--log-only', '--values'],
    ['--rows', '--log-only'],
  ])('check says that %s and %s exclude each other', async (...options) => {
    const ended = await silt('table', 'check', table, ...options)
    expect(ended).toMatchObject({ code: 2, told: expect.stringContaining('cannot be used with') as string })
  })

  it.each([
    ['delta.constraints.c=id >', 'line 1, column 5'],
    ['delta.constraints.c=nothing > 0', 'the table has no such column'],
  ])('create refuses a property %s that no writer could hold rows against', async (property, why) => {
    const schema = join(tables.folder, 'schema.json')
    await writeFile(schema, JSON.stringify({ type: 'struct', fields: [column('id', 'long')] }))
    const made = join(tables.folder, 'made')
    const ended = await silt('table', 'create', made, '--schema', schema, '--property', property)
    expect(ended, ended.told).toMatchObject({ code: 2, told: expect.stringContaining(why) as string })
    const sound = ['--property', 'delta.constraints.c=id > 0']
    const other = await silt('table', 'create', `${made}-${why.length}`, '--schema', schema, ...sound)
    expect(other, other.told).toMatchObject({ code: 0 })
  })

  it.each(['json', 'parquet'])(
    'names an output that cannot be written as %s, and leaves nothing behind',
    async (format) => {
      const folder = join(tables.folder, format)
      await mkdir(join(folder, 'taken'), { recursive: true })
      for (const output of [join(folder, 'missing', 'rows'), join(folder, 'taken')]) {
        const ended = await silt('table', 'cat', table, '--format', format, '--output', output)
        expect(ended, ended.told).toMatchObject({
          code: 2,
          told: expect.stringMatching(/--output .* cannot be written.*\[table\/output-unwritable\]/) as string,
        })
      }
      expect(await readdir(folder)).toEqual(['taken'])
    },
  )
})
