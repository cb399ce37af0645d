import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { field, struct, type DataType, type StructType } from '@silt/core'
import { mergeSchema } from '../../src/index.ts'

const { schema } = fc.letrec<{ schema: StructType; type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<DataType>('string', 'long'),
    tie('schema'),
    tie('type').map((elementType): DataType => ({ type: 'array', elementType, containsNull: true })),
  ),
  schema: fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), tie('type')), {
      selector: ([name]) => name,
      maxLength: 4,
    })
    .map((fields) => struct(fields.map(([name, type]) => field(name, type)))),
}))

describe('merging schemas', () => {
  it('never narrows: after widening, files of both schemas are taken as they are', () => {
    fc.assert(
      fc.property(schema, schema, (table, file) => {
        const merged = mergeSchema(table, file)
        if (merged.kind !== 'widened') return
        expect(mergeSchema(merged.schema, file)).toEqual({ kind: 'same' })
        expect(mergeSchema(merged.schema, table)).toEqual({ kind: 'same' })
        const names = merged.schema.fields.map((each) => each.name)
        expect(names.slice(0, table.fields.length)).toEqual(table.fields.map((each) => each.name))
      }),
    )
  })

  it('takes every schema as its own', () => {
    fc.assert(
      fc.property(schema, (table) => {
        expect(mergeSchema(table, table)).toEqual({ kind: 'same' })
      }),
    )
  })
})
