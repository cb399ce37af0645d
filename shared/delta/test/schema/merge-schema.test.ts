import { describe, expect, it } from 'vitest'
import { field, struct, type DataType } from '@silt/core'
import { mergeSchema, parseSchema, schemaToString } from '../../src/index.ts'

const list = (elementType: DataType): DataType => ({ type: 'array', elementType, containsNull: true })
const table = struct([
  field('id', 'long'),
  field('meta', struct([field('a', 'string')])),
  field('tags', list('string')),
])

describe('merging the schema of files into a table', () => {
  it('same: equal, or fewer columns, in any order', () => {
    expect(mergeSchema(table, table)).toEqual({ kind: 'same' })
    expect(mergeSchema(table, struct([field('tags', list('string')), field('id', 'long')]))).toEqual({ kind: 'same' })
    expect(mergeSchema(table, struct([]))).toEqual({ kind: 'same' })
  })

  it('widened: new columns at the end, nullable at every depth', () => {
    const added = field('extra', struct([field('x', 'double', false)]), false)
    const merged = mergeSchema(table, struct([added, field('id', 'long')]))
    expect(merged).toEqual({
      kind: 'widened',
      schema: struct([...table.fields, field('extra', struct([field('x', 'double')]))]),
    })
  })

  it('widened: new fields inside structs, also in arrays', () => {
    const merged = mergeSchema(table, struct([field('meta', struct([field('b', 'long')]))]))
    expect(merged).toMatchObject({ kind: 'widened' })
    if (merged.kind === 'widened')
      expect(merged.schema.fields[1]).toEqual(field('meta', struct([field('a', 'string'), field('b', 'long')])))
    const nested = struct([field('rows', list(struct([field('a', 'long')])))])
    expect(mergeSchema(nested, struct([field('rows', list(struct([field('b', 'long')])))]))).toMatchObject({
      kind: 'widened',
      schema: { fields: [{ type: { elementType: { fields: [{ name: 'a' }, { name: 'b' }] } } }] },
    })
  })

  it.each([
    ['another type', struct([field('id', 'string')]), 'id'],
    ['a wider type', struct([field('id', 'integer')]), 'id'],
    ['the same name in another case', struct([field('ID', 'long')]), 'ID'],
    ['two new names that differ in case', struct([field('new', 'long'), field('NEW', 'long')]), 'NEW'],
    ['a nested field of another type', struct([field('meta', struct([field('a', 'long')]))]), 'meta.a'],
    ['another element type', struct([field('tags', list('long'))]), 'tags.element'],
    ['a struct for a value', struct([field('id', struct([]))]), 'id'],
    ['an array for a struct', struct([field('meta', list('string'))]), 'meta'],
  ])('conflict: %s', (_, file, name) => {
    expect(mergeSchema(table, file)).toEqual({ kind: 'conflict', field: name })
  })

  it('conflict: a required column that files lack or leave nullable', () => {
    const strict = struct([field('id', 'long', false), field('name', 'string')])
    expect(mergeSchema(strict, struct([field('name', 'string')]))).toEqual({ kind: 'conflict', field: 'id' })
    expect(mergeSchema(strict, struct([field('id', 'long')]))).toEqual({ kind: 'conflict', field: 'id' })
    expect(mergeSchema(strict, struct([field('id', 'long', false)]))).toEqual({ kind: 'same' })
  })

  it('keeps what the table has of a column: its metadata and the order', () => {
    const described = struct([{ ...field('id', 'long'), metadata: { comment: 'key' } }])
    const merged = mergeSchema(described, struct([field('new', 'string'), field('id', 'long')]))
    expect(merged).toMatchObject({
      schema: { fields: [{ name: 'id', metadata: { comment: 'key' } }, { name: 'new' }] },
    })
  })
})

describe('merging into a table of mapped columns', () => {
  const mapping = { mode: 'name', tableId: 't', maxColumnId: 6 } as const
  const mapped = (name: string, id: number, physical = `col-${id}`) => ({
    ...field(name, 'string'),
    metadata: { 'delta.columnMapping.id': id, 'delta.columnMapping.physicalName': physical },
  })
  const present = struct([mapped('a', 1), mapped('b', 4)])
  const kindOf = (...fields: ReturnType<typeof mapped>[]): string => mergeSchema(present, struct(fields), mapping).kind

  it.each([
    ['the same columns', [mapped('b', 4), mapped('a', 1)], 'same'],
    ['a new one above every id ever given', [mapped('a', 1), mapped('c', 7)], 'widened'],
    ['an id that a dropped column had', [mapped('a', 1), mapped('c', 5)], 'conflict'],
    ['a column that was dropped and made again', [mapped('a', 9)], 'conflict'],
    ['another physical name', [mapped('a', 1, 'other')], 'conflict'],
    [
      'a column without an id',
      [{ ...mapped('c', 7), metadata: {} as ReturnType<typeof mapped>['metadata'] }],
      'conflict',
    ],
  ])('%s', (_, fields, kind) => {
    expect(kindOf(...fields)).toBe(kind)
  })

  it('takes of two that bring different columns under one id the first, and both of two that bring the same', () => {
    const first = mergeSchema(present, struct([mapped('a', 1), mapped('c', 7)]), mapping)
    if (first.kind !== 'widened') throw new Error('the first brings a column')
    expect(mergeSchema(first.schema, struct([mapped('d', 7)]), mapping)).toEqual({ kind: 'conflict', field: 'd' })
    expect(mergeSchema(first.schema, struct([mapped('c', 7)]), mapping)).toEqual({ kind: 'same' })
  })
})

describe('schema text', () => {
  it('reads back what it wrote', () => {
    const map: DataType = { type: 'map', keyType: 'string', valueType: 'decimal(10,2)', valueContainsNull: false }
    const schema = struct([...table.fields, field('m', map, false), field('t', 'timestamp_ntz')])
    expect(parseSchema(schemaToString(schema))).toEqual(schema)
  })

  it.each([
    ['not json', 'delta/broken-schema'],
    ['"string"', 'delta/broken-schema'],
    ['{"type":"struct"}', 'delta/broken-schema'],
    ['{"type":"struct","fields":[{"type":"long"}]}', 'delta/broken-schema'],
    ['{"type":"struct","fields":[{"name":"v","type":"interval"}]}', 'delta/unsupported-type'],
    ['{"type":"struct","fields":[{"name":"v","type":{"type":"udt"}}]}', 'delta/unsupported-type'],
  ])('%s is refused', (text, code) => {
    expect(() => parseSchema(text)).toThrow(expect.objectContaining({ code }))
  })
})
