import { describe, expect, it } from 'vitest'
import { field, struct } from '@silt/core'
import { newTableActions } from '../../src/index.ts'
import { plainSchema } from '../support/table.ts'

const make = (schema = plainSchema, partitionColumns: readonly string[] = []) =>
  newTableActions({ id: 'x', schema, partitionColumns, configuration: { 'silt.format': '1' }, createdMs: 5 })

describe('a new table', () => {
  it('is protocol (1, 2) with a checkpoint every 100 commits', () => {
    expect(make()).toMatchObject([
      { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
      {
        metaData: { id: 'x', configuration: { 'delta.checkpointInterval': '100', 'silt.format': '1' }, createdTime: 5 },
      },
    ])
  })

  it.each([
    ['an unknown partition column', plainSchema, ['nope']],
    ['only partition columns', plainSchema, ['id', 'name']],
    ['names that differ in case only', struct([field('a', 'long'), field('A', 'long')]), []],
    ['a zoneless timestamp', struct([field('t', 'timestamp_ntz')]), []],
  ])('is refused with %s', (_, schema, partitionColumns) => {
    expect(() => make(schema, partitionColumns)).toThrow(expect.objectContaining({ code: 'delta/invalid-table' }))
  })
})
