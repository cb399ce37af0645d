import { expect, it } from 'vitest'
import { parseSchemaFile } from '../../src/table/create-table.ts'

it('reads a schema file that begins with a byte order mark', () => {
  const text = '\ufeff{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]}'
  expect(parseSchemaFile(text).schema.fields).toMatchObject([{ name: 'id', type: 'long' }])
  expect(parseSchemaFile('\ufeffCREATE TABLE t (id BIGINT)').schema.fields).toMatchObject([
    { name: 'id', type: 'long' },
  ])
})
