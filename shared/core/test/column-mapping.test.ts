import { describe, expect, it } from 'vitest'
import {
  assignColumnIds,
  columnId,
  field,
  highestColumnId,
  parquetFieldId,
  physicalName,
  physicalSchema,
  struct,
  type ColumnMapping,
  type StructField,
} from '../src/index.ts'

const mapping: ColumnMapping = { mode: 'name', tableId: 't', maxColumnId: 7 }
const mapped = (name: string, id: number, physical: string): StructField => ({
  ...field(name, 'long'),
  metadata: { 'delta.columnMapping.id': id, 'delta.columnMapping.physicalName': physical, comment: 'kept' },
})
const nested = field('n', { type: 'array', elementType: struct([field('d', 'long')]), containsNull: true })

describe('columns of a mapped table', () => {
  it('get ids above every id ever given, at every depth, and names that are never the same twice', () => {
    const schema = assignColumnIds(struct([mapped('a', 3, 'x'), nested, field('b', 'string')]), mapping)
    const [a, n, b] = schema.fields as [StructField, StructField, StructField]
    expect(a).toEqual(mapped('a', 3, 'x'))
    const inner = (n.type as { elementType: { fields: readonly StructField[] } }).elementType.fields[0] as StructField
    expect([n, inner, b].map(columnId)).toEqual([8, 9, 10])
    const names = [n, inner, b].map((each) => physicalName(each, mapping))
    expect(new Set(names).size).toBe(3)
    for (const name of names) expect(name).toMatch(/^col-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(highestColumnId(schema)).toBe(10)
    // A column that was dropped comes back as another one.
    const again = assignColumnIds(struct([field('b', 'string')]), { ...mapping, maxColumnId: 10 })
      .fields[0] as StructField
    expect(names).not.toContain(physicalName(again, mapping))
  })

  it('get the same from whoever adds the same', () => {
    const schema = struct([mapped('a', 3, 'x'), nested])
    expect(assignColumnIds(schema, mapping)).toEqual(assignColumnIds(schema, mapping))
    const whole = assignColumnIds(schema, mapping)
    expect(assignColumnIds(whole, mapping)).toBe(whole)
  })

  it('stand in files under physical names, with ids, without the rest of their metadata', () => {
    const schema = physicalSchema(assignColumnIds(struct([mapped('a', 3, 'x'), nested]), mapping), mapping)
    const [a, n] = schema.fields as [StructField, StructField]
    expect([a.name, parquetFieldId(a), 'comment' in a.metadata]).toEqual(['x', 3, false])
    expect(parquetFieldId(n)).toBe(8)
    const inner = (n.type as { elementType: { fields: readonly StructField[] } }).elementType.fields[0] as StructField
    expect([inner.name.startsWith('col-'), parquetFieldId(inner)]).toEqual([true, 9])
  })

  it('are left alone where nothing is mapped', () => {
    const schema = struct([mapped('a', 3, 'x')])
    expect(physicalSchema(schema, undefined)).toBe(schema)
    expect(assignColumnIds(schema, undefined)).toBe(schema)
    expect(physicalName(mapped('a', 3, 'x'), undefined)).toBe('a')
  })
})
