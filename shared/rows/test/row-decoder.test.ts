import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deadLetterSchema, eventDateField, eventTableSchema } from '@silt/contracts'
import { field, struct } from '@silt/core'
import { createRowDecoder } from '../src/index.ts'
import { decode, decodedRows, rowsOf } from './decoded.ts'
import { kafkaMs, slabOf, specOf } from './slab.ts'

const partitioned = { schema: struct([...eventTableSchema.fields, eventDateField]), partitionColumns: ['event_date'] }

describe('dead letters', () => {
  it('keeps place, key, value, headers and time as received', () => {
    const headers = Buffer.concat([
      Buffer.from([4, 2]),
      Buffer.from('a'),
      Buffer.from([4, 0xff, 0x00]),
      Buffer.from([4]),
      Buffer.from('bc'),
      Buffer.from([1]),
    ])
    const unit = decode(['{}', { value: '[1', key: Buffer.from([0xff, 1]), headers, offset: 5 }])
    expect(unit.deadLetters?.schema).toBe(deadLetterSchema)
    expect(rowsOf(unit.deadLetters)).toMatchObject([
      {
        _topic: 'analytics-events',
        _topic_id: 'topic-id',
        _partition: 0,
        _offset: 5n,
        _kafka_timestamp: BigInt(kafkaMs) * 1000n,
        key: Buffer.from([0xff, 1]),
        value: Buffer.from('[1'),
        headers: [
          ['a', Buffer.from([0xff, 0])],
          ['bc', null],
        ],
        reason: 'not-json',
        failed_at: 1_760_000_000_000_000n,
      },
    ])
  })

  it.each(['back\\slash', 'tab\there', 'quoted "name"', '\\'])(
    'come of keys that are the name of column %j but for the escapes that JSON wants',
    (name) => {
      const schema = struct([field(name, 'string'), ...eventTableSchema.fields])
      const sound = `{${JSON.stringify(name)}:1}`
      const unit = decode([sound, `{"${name}":1}`, sound], { schema })
      expect(rowsOf(unit.deadLetters).map((row) => row['reason'])).toEqual(['not-json'])
      expect(unit.parts.flatMap((part) => rowsOf(part.batch)).map((row) => row[name])).toEqual(['1', '1'])
    },
  )

  it.each([
    ['a tombstone', null, 'empty'],
    ['no bytes', '', 'empty'],
    ['whitespace', ' \n', 'not-json'],
    ['a byte order mark', '\ufeff{}', 'not-json'],
    ['cut JSON', '{"a":', 'not-json'],
    ['two documents', '{}{}', 'not-json'],
    ['a trailing comma', '{"a":1,}', 'not-json'],
    ['single quotes', "{'a':1}", 'not-json'],
    ['a control character', '{"a":"\u0001"}', 'not-json'],
    ['NaN', '{"a":NaN}', 'not-json'],
    ['a form feed', '\f{}', 'not-json'],
    ['invalid UTF-8 in a string', Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x3a, 0x31, 0x7d]), 'invalid-utf8'],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'invalid-utf8'],
    ['null', 'null', 'not-an-object'],
    ['an array', ' [{}] ', 'not-an-object'],
    ['a number', '1', 'not-an-object'],
    ['a text', '"{}"', 'not-an-object'],
  ])('%s', (_name, value, reason) => {
    const unit = decode(['{"channel":"before"}', value, '{"channel":"after"}'])
    expect(rowsOf(unit.deadLetters).map((row) => [row['_offset'], row['reason']])).toEqual([[1n, reason]])
    expect(rowsOf(unit.deadLetters)[0]!['value']).toEqual(value === null ? null : Buffer.from(value))
    expect(rowsOf(unit.parts[0]!.batch).map((row) => row['channel'])).toEqual(['before', 'after'])
    expect(unit.counts[0]).toMatchObject({ read: 3, rows: 2, deadLetters: 1, gaps: 0 })
  })

  it('replaces a value beyond the limit by its length and digest', () => {
    const value = `{"channel":"${'x'.repeat(100)}"}`
    const sha256 = createHash('sha256').update(value).digest('hex')
    const oversized = { lengthBytes: 20_000_000, sha256Hex: 'ab'.repeat(32) }
    const unit = decode([value, { value: '', oversized }, '{}'], { recordBytesMax: value.length - 1 })
    expect(rowsOf(unit.deadLetters).map((row) => [row['reason'], row['value'], row['detail']])).toEqual([
      ['too-large', null, `${value.length} bytes, sha256 ${sha256}`],
      ['too-large', null, `20000000 bytes, sha256 ${'ab'.repeat(32)}`],
    ])
    expect(decodedRows([value], { recordBytesMax: value.length })).toHaveLength(1)
  })

  it('bounds the detail, and survives headers that are none', () => {
    const unit = decode([{ value: 'x', headers: Buffer.from([200, 200, 1]) }, { value: `{"${'k'.repeat(5000)}"` }])
    const rows = rowsOf(unit.deadLetters)
    expect(rows[0]!['headers']).toBeNull()
    expect(rows[0]!['detail']).toContain('headers unreadable')
    for (const row of rows) expect((row['detail'] as string).length).toBeLessThanOrEqual(1024)
  })

  it.each([
    ['bytes after the last header', [0, 0]],
    ['a count beyond the bytes', [20, 2, 97, 1]],
    ['a length beyond the bytes', [2, 40, 97, 1]],
    ['a null key', [2, 1, 1]],
    ['a negative length', [2, 2, 97, 3]],
    ['an endless varint', [255, 255, 255, 255, 255, 255]],
  ])('leaves headers out that have %s', (_name, headers) => {
    const row = rowsOf(decode([{ value: null, headers: Uint8Array.from(headers) }]).deadLetters)[0]!
    expect([row['headers'], row['detail']]).toEqual([null, 'null value; headers unreadable'])
  })

  it('takes condemned records undecoded', () => {
    const decoder = createRowDecoder(specOf())
    decoder.condemn(slabOf(['{}']), 'crashes-decoder', 'died 3 times')
    const unit = decoder.finish([{ partition: 0, start: 0, endExclusive: 1 }])
    expect(rowsOf(unit.deadLetters)[0]).toMatchObject({
      reason: 'crashes-decoder',
      detail: 'died 3 times',
      value: Buffer.from('{}'),
    })
    expect(unit.counts[0]).toMatchObject({ read: 1, deadLetters: 1 })
  })
})

describe('slabs', () => {
  it('decodes a value that ends with the slab, and leaves the bytes as they were', () => {
    const slab = slabOf(['{"channel":"a"}', '{"channel":"b"}'], { slackBytes: 0 })
    const before = Buffer.from(slab.bytes)
    const decoder = createRowDecoder(specOf())
    decoder.push(slab)
    const unit = decoder.finish([{ partition: 0, start: 0, endExclusive: 2 }])
    expect(rowsOf(unit.parts[0]!.batch).map((row) => row['channel'])).toEqual(['a', 'b'])
    expect(Buffer.from(slab.bytes)).toEqual(before)
  })

  it('counts by range, gaps and empty slabs included', () => {
    const decoder = createRowDecoder(specOf())
    decoder.push({
      ...slabOf(
        [
          { value: '{}', offset: 12 },
          { value: '1', offset: 14 },
        ],
        { partition: 3, start: 10 },
      ),
      nextOffset: 20,
    })
    decoder.push({ ...slabOf([], { partition: 3, start: 20 }), nextOffset: 25 })
    decoder.push(slabOf(['{}', '{}'], { partition: 1, start: 100 }))
    decoder.push(slabOf(['{}'], { partition: 3, start: 40 }))
    const ranges = [
      { partition: 3, start: 10, endExclusive: 30 },
      { partition: 1, start: 100, endExclusive: 102 },
      { partition: 3, start: 40, endExclusive: 41 },
    ]
    expect(decoder.finish(ranges).counts).toEqual([
      { ...ranges[0], read: 2, rows: 1, deadLetters: 1, gaps: 18 },
      { ...ranges[1], read: 2, rows: 2, deadLetters: 0, gaps: 0 },
      { ...ranges[2], read: 1, rows: 1, deadLetters: 0, gaps: 0 },
    ])
  })

  it('refuses ranges that leave a pushed slab out', () => {
    const decoder = createRowDecoder(specOf())
    decoder.push(slabOf(['{}']))
    expect(() => decoder.finish([{ partition: 1, start: 0, endExclusive: 1 }])).toThrow(/every slab/)
  })

  it('gives the same for any cutting into slabs', () => {
    const values = Array.from(
      { length: 300 },
      (_, index) => `{"user_id":"u${index}","n":${index % 3 === 0 ? index : `"${index}"`},"k${index % 7}":1}`,
    )
    const whole = decode(values)
    for (const size of [1, 7, 64]) {
      const decoder = createRowDecoder(specOf())
      for (let start = 0; start < values.length; start += size)
        decoder.push(slabOf(values.slice(start, start + size), { start }))
      const unit = decoder.finish([{ partition: 0, start: 0, endExclusive: 300 }])
      expect(unit.schema).toEqual(whole.schema)
      expect(rowsOf(unit.parts[0]!.batch)).toEqual(rowsOf(whole.parts[0]!.batch))
      expect(unit.counts).toEqual(whole.counts)
    }
  })

  it('makes nothing of nothing', () => {
    expect(decode([])).toMatchObject({ parts: [], deadLetters: undefined, counts: [{ read: 0, gaps: 0 }] })
  })
})

describe('partitioned by event_date', () => {
  it('splits by the UTC day of the final timestamp and leaves the column out of the files', () => {
    const unit = decode(
      [
        '{"timestamp":"2026-11-22T23:59:59.999999Z"}',
        '{"timestamp":"2026-11-22T23:30:00-01:00"}',
        '{"timestamp":-1,"event_date":"x"}',
        '{}',
      ],
      partitioned,
    )
    expect(unit.parts.map((part) => [part.partitionValues['event_date'], part.batch.rowCount])).toEqual([
      ['2026-11-22', 1],
      ['2026-11-23', 1],
      ['1969-12-31', 1],
      ['2023-11-14', 1],
    ])
    expect(unit.parts[0]!.batch.schema).toEqual(eventTableSchema)
    expect(unit.schema.fields).toContain(eventDateField)
    expect(rowsOf(unit.parts[2]!.batch)[0]!['_rescued']).toBe('{"event_date":"x"}')
  })

  it('gives every part the same schema, also for columns added by another', () => {
    const unit = decode(['{"timestamp":0}', '{"timestamp":1e9,"n":1}', '{"timestamp":0,"m":"x"}'], partitioned)
    for (const part of unit.parts)
      expect(part.batch.schema).toEqual(
        struct([...eventTableSchema.fields, field('n', 'double'), field('m', 'string')]),
      )
    expect(rowsOf(unit.parts[0]!.batch).map((row) => [row['n'], row['m']])).toEqual([
      [null, null],
      [null, 'x'],
    ])
  })

  it('is full at the first record of one partition too many and accounts for all ranges', () => {
    const day = (index: number): string => `{"timestamp":${index * 86_400},"c${index}":1}`
    const decoder = createRowDecoder(specOf(partitioned), { partitionsMax: 3 })
    decoder.push(slabOf([day(0), day(1), day(0)], { partition: 0, start: 0 }))
    expect(decoder.fullAt).toBeUndefined()
    decoder.push(slabOf([day(2), '1', day(3), day(0)], { partition: 1, start: 50 }))
    expect(decoder.fullAt).toEqual({ partition: 1, offset: 52 })
    decoder.push(slabOf([day(0)], { partition: 2, start: 7 }))
    const unit = decoder.finish([
      { partition: 0, start: 0, endExclusive: 3 },
      { partition: 1, start: 50, endExclusive: 54 },
      { partition: 2, start: 7, endExclusive: 8 },
    ])
    expect(unit.counts).toEqual([
      { partition: 0, start: 0, endExclusive: 3, read: 3, rows: 3, deadLetters: 0, gaps: 0 },
      { partition: 1, start: 50, endExclusive: 52, read: 2, rows: 1, deadLetters: 1, gaps: 0 },
      { partition: 2, start: 7, endExclusive: 7, read: 0, rows: 0, deadLetters: 0, gaps: 0 },
    ])
    // The record that did not get in left no column behind.
    expect(unit.schema.fields.map((each) => each.name)).not.toContain('c3')
    expect(unit.parts).toHaveLength(3)
  })

  it('counts the days of others that write rows of the unit, and tells them its own', () => {
    const day = (index: number): string => `{"timestamp":${index * 86_400},"c${index}":1}`
    const days = new Set([1, 5])
    const decoder = createRowDecoder(specOf(partitioned), { partitionsMax: 3 }, { days })
    decoder.push(slabOf([day(5), day(2), day(1), day(2), day(3)]))
    expect(decoder.fullAt).toEqual({ partition: 0, offset: 4 })
    expect([...days]).toEqual([1, 5, 2])
    // Columns added so far, without those of the record that did not get in.
    expect(decoder.schema.fields.slice(-3).map((each) => each.name)).toEqual(['c5', 'c2', 'c1'])
    const { parts } = decoder.finish([{ partition: 0, start: 0, endExclusive: 5 }])
    expect(parts.map(({ batch }) => batch.rowCount)).toEqual([1, 2, 1])
  })

  it('takes 64 partitions by default', () => {
    const decoder = createRowDecoder(specOf(partitioned))
    decoder.push(slabOf(Array.from({ length: 70 }, (_, index) => `{"timestamp":${index * 86_400}}`)))
    expect(decoder.fullAt).toEqual({ partition: 0, offset: 64 })
  })
})

it('is full before it holds more bytes than it may, but takes one record always', () => {
  const decoder = createRowDecoder(specOf(), { decodedBytesMax: 1200 })
  decoder.push(slabOf([`{"user_id":"${'x'.repeat(2000)}"}`, '{}']))
  expect(decoder.fullAt).toEqual({ partition: 0, offset: 1 })
  const unit = decoder.finish([{ partition: 0, start: 0, endExclusive: 2 }])
  expect(unit.counts).toEqual([{ partition: 0, start: 0, endExclusive: 1, read: 1, rows: 1, deadLetters: 0, gaps: 0 }])
})

it('grows columns far beyond their first size', () => {
  const rows = decodedRows(
    Array.from({ length: 5000 }, (_, index) =>
      index % 2 === 0 ? '{}' : `{"user_id":"${'u'.repeat(index % 400)}","interaction_value":${index}}`,
    ),
  )
  expect(rows.every((row, index) => row['user_id'] === (index % 2 === 0 ? null : 'u'.repeat(index % 400)))).toBe(true)
  expect(rows.every((row, index) => row['interaction_value'] === (index % 2 === 0 ? null : index))).toBe(true)
})
