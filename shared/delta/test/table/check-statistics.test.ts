import { describe, expect, it } from 'vitest'
import { field, struct, type ParquetRow, type StructType } from '@silt/core'
import { statisticsFaults } from '../../src/table/check-statistics.ts'
import { add } from '../support/table.ts'

const schema = struct([
  field('n', 'long'),
  field('s', 'string'),
  field('at', 'timestamp'),
  field('day', 'date'),
  field('f', 'float'),
  field('d', 'decimal(10,2)'),
  field('inner', struct([field('x', 'integer')])),
])

const rows: readonly ParquetRow[] = [
  { n: 1n, s: 'ä', at: 1_000_123n, day: 1, f: 0.5, d: '1.50', inner: { x: 7 } },
  { n: 9007199254740993n, s: '\u{10348}', at: 5_000_999n, day: 3, f: Number.NaN, d: '-2.00', inner: null },
  { n: null, s: null, at: null, day: null, f: Math.fround(0.1), d: null, inner: { x: null } },
]

const sound = {
  numRecords: 3,
  minValues: { n: 1, s: 'ä', at: '1970-01-01T00:00:01.000Z', day: '1970-01-02', f: 0.1, d: -2, inner: { x: 7 } },
  maxValues: {
    n: 9007199254740992,
    s: '\u{10348}',
    at: '1970-01-01T00:00:05.000Z',
    day: '1970-01-04',
    f: 0.5,
    d: 1.5,
    inner: { x: 7 },
  },
  nullCount: { n: 1, s: 1, at: 1, day: 1, f: 0, d: 1, inner: { x: 2 } },
}

describe('statistics of a file', () => {
  it('that are sound are found so, timestamps cut to milliseconds and numbers beyond 2^53 among them', async () => {
    expect(await faults(sound)).toEqual([])
  })

  it.each<[string, object, string]>([
    ['too few records', { numRecords: 2 }, 'it has 3 rows, its numRecords is 2'],
    ['a minimum too high', { minValues: { n: 2 } }, 'column n holds 1, below its minimum 2'],
    ['a maximum too low', { maxValues: { d: 1 } }, 'column d holds "1.50", above its maximum 1'],
    ['a maximum a millisecond too low', { maxValues: { at: '1970-01-01T00:00:04.999Z' } }, 'column at holds 5000999'],
    ['a date too low', { maxValues: { day: '1970-01-03' } }, 'column day holds 3'],
    // In UTF-16 the character above 0xFFFF begins with a smaller unit than the bound.
    ['a text below by code points', { maxValues: { s: '\uFFFD' } }, 'column s holds "\u{10348}", above its maximum'],
    ['a nested bound', { minValues: { inner: { x: 8 } } }, 'column inner.x holds 7, below its minimum 8'],
    ['a wrong null count', { nullCount: { s: 0 } }, 'column s has 1 nulls, its nullCount is 0'],
  ])('with %s are found wrong', async (_, wrong, message) => {
    const found = await faults(wrong)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(message)
  })

  it('are held against live rows only, and null counts then say only none and all', async () => {
    const deleted = { count: 1, has: (row: number) => row === 2, values: () => [2] }
    expect(await faults({ numRecords: 3, nullCount: { n: 0, s: 2 } }, deleted)).toEqual([])
    expect(await faults({ numRecords: 3, nullCount: { n: 3 } }, deleted)).toEqual([
      'column n has 1 nulls, its nullCount is 3',
    ])
    expect(await faults({ minValues: { f: 0.5 } }, deleted)).toEqual([])
    expect(await faults({ minValues: { f: 0.5 } })).toHaveLength(1)
  })

  it('by physical names are found where columns are mapped', async () => {
    const mapped: StructType = struct([
      { ...field('n', 'long'), metadata: { 'delta.columnMapping.id': 1, 'delta.columnMapping.physicalName': 'col-1' } },
    ])
    const subject = { schema: mapped, mapping: { mode: 'name' as const, tableId: 't', maxColumnId: 1 } }
    const stats = JSON.stringify({ maxValues: { 'col-1': 1 } })
    const found = await statisticsFaults(add('f', 1, { stats }).add, subject, inParts([{ 'col-1': 2n }]), undefined)
    expect(found).toEqual(['column col-1 holds 2, above its maximum 1'])
  })

  it('that are no JSON say nothing', async () => {
    const subject = { schema, mapping: undefined }
    expect(await statisticsFaults(add('f', 1, { stats: '{' }).add, subject, inParts(rows), undefined)).toEqual([])
  })
})

function faults(stats: object, deleted?: Parameters<typeof statisticsFaults>[3]): Promise<readonly string[]> {
  const file = add('f', 3, { stats: JSON.stringify(stats) }).add
  return statisticsFaults(file, { schema, mapping: undefined }, inParts(rows), deleted)
}

async function* inParts(all: readonly ParquetRow[]): AsyncGenerator<readonly ParquetRow[]> {
  for (const row of all) yield await Promise.resolve([row])
}
