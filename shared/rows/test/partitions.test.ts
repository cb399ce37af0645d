import { describe, expect, it } from 'vitest'
import { assignColumnIds, field, struct, type PrimitiveType } from '@silt/core'
import { decode, rowsOf } from './decoded.ts'

const types: Readonly<Record<string, PrimitiveType>> = {
  s: 'string',
  l: 'long',
  i: 'integer',
  d: 'double',
  b: 'boolean',
  day: 'date',
  at: 'timestamp',
  local: 'timestamp_ntz',
  m: 'decimal(10,2)',
  bytes: 'binary',
}
const schema = struct([...Object.entries(types).map(([name, type]) => field(name, type)), field('event_date', 'date')])
const by = (...partitionColumns: readonly string[]) => ({ schema, partitionColumns })

describe('a table partitioned by any columns', () => {
  it('has a value of every type as the protocol writes it, and none of them in files', () => {
    const value =
      '{"s":"x y","l":9223372036854775807,"i":3,"d":0.5,"b":true,"day":"2026-02-03","at":"2026-02-03T04:05:06.5Z","local":"2026-02-03 04:05:06","m":1.5}'
    const unit = decode([value], by(...Object.keys(types)))
    expect(unit.parts.map((part) => part.partitionValues)).toEqual([
      {
        s: 'x y',
        l: '9223372036854775807',
        i: '3',
        d: '0.5',
        b: 'true',
        day: '2026-02-03',
        at: '2026-02-03T04:05:06.500000Z',
        local: '2026-02-03 04:05:06',
        m: '1.50',
        bytes: null,
      },
    ])
    const names = unit.parts[0]!.batch.schema.fields.map((each) => each.name)
    expect(names.filter((name) => name in types)).toEqual([])
  })

  it('deals rows out by them', () => {
    const unit = decode(['{"s":"a"}', '{"s":"b"}', '{"s":"a"}', '{}'], by('s'))
    const parts = unit.parts.map(({ partitionValues, batch }) => [
      partitionValues['s'],
      rowsOf(batch).map((row) => Number(row['_offset'])),
    ])
    expect(parts).toEqual([
      ['a', [0, 2]],
      ['b', [1]],
      [null, [3]],
    ])
  })

  it('rescues what would not read back', () => {
    const [row] = rowsOf(decode(['{"l":"x","s":"","bytes":"AA"}'], by('l', 's', 'bytes')).parts[0]?.batch)
    expect(JSON.parse(row?.['_rescued'] as string)).toEqual({ l: 'x', s: '', bytes: 'AA' })
  })

  it('keeps the stand-in of an event column, and the day of the timestamp', () => {
    const days = {
      ...by('event_type', 'event_date'),
      schema: struct([...schema.fields, field('event_type', 'string')]),
    }
    const unit = decode(['{"timestamp":"2026-02-03T04:05:06Z","at":"1999-01-01T00:00:00Z","event_date":"x"}'], days)
    expect(unit.parts[0]?.partitionValues).toEqual({ event_type: 'unknown', event_date: '2026-02-03' })
    expect(rowsOf(unit.parts[0]?.batch)[0]?.['_rescued']).toBe('{"event_date":"x"}')
  })

  it('has values by physical names where columns are mapped', () => {
    const columnMapping = { mode: 'name', tableId: 't', maxColumnId: 0 } as const
    const mapped = assignColumnIds(schema, columnMapping)
    const layout = { columnMapping }
    const physical = mapped.fields[0]?.metadata['delta.columnMapping.physicalName'] as string
    const unit = decode(['{"s":"a"}'], { schema: mapped, partitionColumns: ['s'], layout })
    expect(unit.parts[0]?.partitionValues).toEqual({ [physical]: 'a' })
  })
})

describe('a table of mapped columns', () => {
  it('gives added columns ids and physical names of their own', () => {
    const columnMapping = { mode: 'name', tableId: 't', maxColumnId: 50 } as const
    const mapped = assignColumnIds(schema, columnMapping)
    const one = decode(['{"fresh":1,"other":"x"}'], { schema: mapped, layout: { columnMapping } }).schema
    const ids = one.fields.map((each) => each.metadata['delta.columnMapping.id'] as number)
    expect(new Set(ids).size).toBe(one.fields.length)
    expect(ids.at(-1)).toBe(Math.max(...ids))
    expect(one.fields.slice(-2).map((each) => each.name)).toEqual(['fresh', 'other'])
    expect(decode(['{"fresh":1,"other":"x"}'], { schema: mapped, layout: { columnMapping } }).schema).toEqual(one)
  })
})
