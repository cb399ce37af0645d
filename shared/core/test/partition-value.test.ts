import { describe, expect, it } from 'vitest'
import { parsePartitionValue, partitionText, type DataType, type PartitionValue } from '../src/index.ts'

describe('partition values', () => {
  it.each<[DataType, PartitionValue, string]>([
    ['string', 'a/b', 'a/b'],
    ['long', -9223372036854775808n, '-9223372036854775808'],
    ['integer', 7, '7'],
    ['short', -32768, '-32768'],
    ['double', 0.1, '0.1'],
    ['double', -0, '-0.0'],
    ['float', 1e21, '1e+21'],
    ['boolean', true, 'true'],
    ['date', -1, '1969-12-31'],
    ['timestamp', 0n, '1970-01-01T00:00:00Z'],
    ['timestamp', -1n, '1969-12-31T23:59:59.999999Z'],
    ['timestamp_ntz', 1_123_456n, '1970-01-01 00:00:01.123456'],
    ['decimal(10,2)', -5n, '-0.05'],
    ['decimal(10,0)', 123n, '123'],
  ])('%s %s as the protocol writes it, and back', (type, value, text) => {
    expect(partitionText(type, value)).toBe(text)
    expect(parsePartitionValue(type, text)).toEqual(value)
  })

  it('an empty text is null, both ways', () => {
    expect(partitionText('string', '')).toBeNull()
    for (const type of ['string', 'long', 'date', 'binary'] as const) expect(parsePartitionValue(type, '')).toBeNull()
    expect(parsePartitionValue('string', null)).toBeNull()
  })

  it.each<[DataType, string]>([
    ['long', '1.5'],
    ['boolean', 'yes'],
    ['date', '2026-13-01'],
    ['timestamp', 'yesterday'],
    ['decimal(10,2)', '1.234'],
    ['double', 'much'],
  ])('%s: %s is none', (type, text) => {
    expect(parsePartitionValue(type, text)).toBeUndefined()
  })

  it('reads what other engines write', () => {
    expect(parsePartitionValue('timestamp', '1970-01-01 00:00:00.5')).toBe(500_000n)
    expect(parsePartitionValue('timestamp', '1970-01-01T01:00:00+01:00')).toBe(0n)
    expect(parsePartitionValue('decimal(10,2)', '1.5')).toBe(150n)
    expect(parsePartitionValue('double', 'NaN')).toBeNaN()
    expect(parsePartitionValue('binary', '\u0001\u00ff')).toEqual(Buffer.from([1, 255]))
  })
})
