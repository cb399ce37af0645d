import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { field, struct, type ColumnVector, type DataType } from '@silt/core'
import { deltaStats } from '../src/index.ts'
import {
  batchOf,
  booleanVector,
  bytesVector,
  doubleVector,
  integerVector,
  listVector,
  longVector,
  structVector,
} from './vectors.ts'

interface Stats {
  readonly numRecords: number
  readonly minValues: Readonly<Record<string, unknown>>
  readonly maxValues: Readonly<Record<string, unknown>>
  readonly nullCount: Readonly<Record<string, unknown>>
}

function statsOf(type: DataType, vector: ColumnVector): { min: unknown; max: unknown; nullCount: unknown } {
  const stats = JSON.parse(deltaStats(batchOf([['c', type, vector]]))) as Stats
  return { min: stats.minValues['c'], max: stats.maxValues['c'], nullCount: stats.nullCount['c'] }
}

const strings = (...values: (string | null)[]) => statsOf('string', bytesVector('string', values))
const doubles = (...values: (number | null)[]) => deltaStats(batchOf([['c', 'double', doubleVector(values)]]))
const timestamps = (...values: (bigint | null)[]) => statsOf('timestamp', longVector('timestamp', values))

describe('texts', () => {
  it('are bounded by byte order, nulls counted', () => {
    expect(strings('b', null, 'a', '')).toEqual({ min: '', max: 'b', nullCount: 1 })
    expect(strings('prefix b', 'zzzz', 'prefix a', 'zzzy')).toEqual({ min: 'prefix a', max: 'zzzz', nullCount: 0 })
    // U+FF61 sorts before U+1F600 by bytes, after it by UTF-16 units.
    expect(strings('\uff61', '😀')).toEqual({ min: '\uff61', max: '😀', nullCount: 0 })
  })

  it('are whole up to 32 code points, cut and raised beyond', () => {
    expect(strings('é'.repeat(32))).toMatchObject({ min: 'é'.repeat(32), max: 'é'.repeat(32) })
    expect(strings('a'.repeat(33))).toMatchObject({ min: 'a'.repeat(32), max: 'a'.repeat(31) + 'b' })
    expect(strings('😀'.repeat(40))).toMatchObject({ min: '😀'.repeat(32), max: '😀'.repeat(31) + '😁' })
  })

  it('are raised past the surrogates, or further to the left, or have no maximum', () => {
    expect(strings('\ud7ff'.repeat(40)).max).toBe('\ud7ff'.repeat(31) + '\ue000')
    expect(strings('a' + '\u{10ffff}'.repeat(40)).max).toBe('b')
    expect(strings('\u{10ffff}'.repeat(40))).toEqual({ min: '\u{10ffff}'.repeat(32), nullCount: 0, max: undefined })
  })

  it('stay bounds whatever they hold', () => {
    const unit = fc.oneof(
      fc.constantFrom('a', '\ud7ff', '\u{10ffff}', '\uffff'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    const text = fc.string({ unit, maxLength: 70 }).map((each) => each.toWellFormed())
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (values) => {
        const { min, max } = strings(...values)
        for (const value of values) {
          expect(Buffer.compare(Buffer.from(min as string), Buffer.from(value))).toBeLessThanOrEqual(0)
          if (max !== undefined)
            expect(Buffer.compare(Buffer.from(max as string), Buffer.from(value))).toBeGreaterThanOrEqual(0)
        }
        for (const bound of [min, max])
          expect(Array.from((bound as string | undefined) ?? '').length).toBeLessThanOrEqual(32)
        const unbounded = values.some((value) => value.startsWith('\u{10ffff}'.repeat(32)) && value.length > 64)
        expect(max === undefined).toBe(unbounded)
      }),
      { numRuns: 500 },
    )
  })
})

describe('timestamps', () => {
  it('enclose the microseconds in milliseconds', () => {
    expect(timestamps(1_700_000_000_123_456n, 1_700_000_000_123_457n, null)).toEqual({
      min: '2023-11-14T22:13:20.123Z',
      max: '2023-11-14T22:13:20.124Z',
      nullCount: 1,
    })
    expect(timestamps(-1n)).toMatchObject({ min: '1969-12-31T23:59:59.999Z', max: '1970-01-01T00:00:00.000Z' })
    expect(timestamps(-1000n)).toMatchObject({ min: '1969-12-31T23:59:59.999Z', max: '1969-12-31T23:59:59.999Z' })
  })

  it('leave out a side whose year has no four digits', () => {
    expect(timestamps(253_402_300_799_999_999n)).toEqual({
      min: '9999-12-31T23:59:59.999Z',
      max: undefined,
      nullCount: 0,
    })
    expect(timestamps(-(2n ** 63n), 2n ** 63n - 1n)).toEqual({ min: undefined, max: undefined, nullCount: 0 })
  })
})

describe('numbers', () => {
  it('keep every digit of a long and a decimal', () => {
    const text = deltaStats(
      batchOf([
        ['l', 'long', longVector('long', [9007199254740993n, -9007199254740993n])],
        ['m', 'decimal(18,4)', longVector('long', [-5n, 123456789012345678n])],
      ]),
    )
    expect(text).toContain('"minValues":{"l":-9007199254740993,"m":-0.0005}')
    expect(text).toContain('"maxValues":{"l":9007199254740993,"m":12345678901234.5678}')
  })

  it('bound doubles over everything but NaN, which takes the maximum away', () => {
    expect(doubles(1.5, -2e300, null)).toContain('"minValues":{"c":-2e+300},"maxValues":{"c":1.5},"nullCount":{"c":1}')
    expect(doubles(1, NaN, -1)).toContain('"minValues":{"c":-1},"maxValues":{}')
    expect(doubles(NaN)).toContain('"minValues":{},"maxValues":{},"nullCount":{"c":0}')
    expect(doubles(Infinity, 1)).toContain('"minValues":{"c":1},"maxValues":{}')
    expect(doubles(-Infinity, 1)).toContain('"minValues":{},"maxValues":{"c":1}')
  })

  it('let zeros of both signs lie within', () => {
    expect(doubles(0, -0)).toContain('"minValues":{"c":-0.0},"maxValues":{"c":0}')
    expect(doubles(-0)).toContain('"minValues":{"c":-0.0},"maxValues":{"c":0}')
    expect(doubles(0)).toContain('"minValues":{"c":0},"maxValues":{"c":0}')
  })

  it('write dates as dates', () => {
    expect(statsOf('date', integerVector('date', [20_414, -1]))).toEqual({
      min: '1969-12-31',
      max: '2025-11-22',
      nullCount: 0,
    })
  })
})

describe('other columns', () => {
  it('have null counts alone', () => {
    const list = listVector([1, null], bytesVector('string', [null]))
    expect(statsOf({ type: 'array', elementType: 'string', containsNull: true }, list)).toEqual({
      min: undefined,
      max: undefined,
      nullCount: 1,
    })
    expect(statsOf('binary', bytesVector('binary', [null, 'x', null]))).toMatchObject({ min: undefined, nullCount: 2 })
    expect(statsOf('boolean', booleanVector([true, null]))).toMatchObject({
      min: undefined,
      max: undefined,
      nullCount: 1,
    })
    expect(strings(null, null)).toEqual({ min: undefined, max: undefined, nullCount: 2 })
  })

  it('count a struct by its leaves, null parents included', () => {
    const type = struct([field('a', 'long'), field('b', 'string')])
    const vector = structVector(
      [true, null, true],
      [longVector('long', [5n, 999n, null]), bytesVector('string', [null, 'zz', 'y'])],
    )
    expect(statsOf(type, vector)).toEqual({ min: { a: 5, b: 'y' }, max: { a: 5, b: 'y' }, nullCount: { a: 2, b: 2 } })
  })

  it('of an empty batch are zeros', () => {
    expect(deltaStats(batchOf([['c', 'string', bytesVector('string', [])]]))).toBe(
      '{"numRecords":0,"minValues":{},"maxValues":{},"nullCount":{"c":0}}',
    )
  })
})
