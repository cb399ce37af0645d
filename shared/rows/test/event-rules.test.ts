import { describe, expect, it } from 'vitest'
import { stringColumns } from '@silt/contracts'
import { field, struct } from '@silt/core'
import { decode, decodedRow, decodedRows, rowsOf } from './decoded.ts'
import { cutAtMs, kafkaMs } from './slab.ts'

describe('defaults', () => {
  it('fills an empty object with unknown, the record time and nulls', () => {
    const row = decodedRow('{}')
    expect(row['channel']).toBe('unknown')
    expect(row['event_type']).toBe('unknown')
    expect(row['timestamp']).toBe(BigInt(kafkaMs) * 1000n)
    const others = [
      ...stringColumns.filter((each) => each.fallback === null).map((each) => each.name),
      'metadata',
      'interaction_value',
      '_rescued',
    ]
    for (const name of others) expect(row[name], name).toBeNull()
  })

  it('treats null like missing', () => {
    const row = decodedRow(
      '{"channel":null,"event_type":null,"timestamp":null,"user_id":null,"metadata":null,"interaction_value":null}',
    )
    expect(row).toEqual(decodedRow('{}'))
  })

  it('keeps empty text and the text null as texts', () => {
    const row = decodedRow('{"channel":"","user_id":"null"}')
    expect(row['channel']).toBe('')
    expect(row['user_id']).toBe('null')
  })

  it('writes provenance on every row', () => {
    const rows = decodedRows([
      { value: '{}', offset: 7 },
      { value: '{}', offset: 9_007_199_254_740_000 },
    ])
    expect(rows.map((row) => row['_offset'])).toEqual([7n, 9_007_199_254_740_000n])
    expect(rows[0]).toMatchObject({
      _topic: 'analytics-events',
      _topic_id: 'topic-id',
      _partition: 0,
      _kafka_timestamp: BigInt(kafkaMs) * 1000n,
    })
    expect(decodedRow('{}', { topicId: null })['_topic_id']).toBeNull()
  })

  it('stands the time of the cut in for a record without time', () => {
    const row = decodedRows([{ value: '{}', timestampMs: -1 }])[0]!
    expect(row['_kafka_timestamp']).toBe(BigInt(cutAtMs) * 1000n)
    expect(row['timestamp']).toBe(BigInt(cutAtMs) * 1000n)
    expect(row['_rescued']).toBeNull()
  })

  it('keeps a record time outside the calendar as a rescued number', () => {
    const row = decodedRows([{ value: '{}', timestampMs: 9_223_372_036_854 * 1000 }])[0]!
    expect(row['_kafka_timestamp']).toBe(BigInt(cutAtMs) * 1000n)
    expect(row['_rescued']).toBe('{"_kafka_timestamp":9223372036854000}')
  })
})

describe('string columns', () => {
  it.each(stringColumns.map((each) => each.name))(
    '%s takes scalars as their JSON text and rescues containers',
    (name) => {
      const values = ['"text"', '12.50', '-0', 'true', 'false', '{"a": 1}', '[1 ,2]']
      const rows = decodedRows(values.map((value) => `{"${name}":${value}}`))
      const fallback = stringColumns.find((each) => each.name === name)?.fallback ?? null
      expect(rows.map((row) => row[name])).toEqual(['text', '12.50', '-0', 'true', 'false', fallback, fallback])
      expect(rows.map((row) => row['_rescued'])).toEqual([
        null,
        null,
        null,
        null,
        null,
        `{"${name}":{"a": 1}}`,
        `{"${name}":[1 ,2]}`,
      ])
    },
  )

  it('keeps containers in metadata as their JSON text and texts as they are', () => {
    const rows = decodedRows([
      '{"metadata": {"b": [1, 2.0]} }',
      '{"metadata":[]}',
      '{"metadata":"{\\"a\\""}',
      '{"metadata":7}',
    ])
    expect(rows.map((row) => row['metadata'])).toEqual(['{"b": [1, 2.0]}', '[]', '{"a"', '7'])
  })

  it('decodes escapes and pairs, and makes a lone surrogate U+FFFD', () => {
    const row = decodedRow(
      String.raw`{"user_id":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00","device_id":"\ud800x\udc00\ud83d\u0041\ud83d\ud83d\ude00","session_id":"é😀"}`,
    )
    expect(row['user_id']).toBe('"\\/\b\f\n\r\tAé€😀')
    expect(row['device_id']).toBe('\ufffdx\ufffd\ufffdA\ufffd😀')
    expect(row['session_id']).toBe('é😀')
  })
})

describe('interaction_value', () => {
  it.each([
    ['12.5', 12.5, null],
    ['-0', -0, null],
    ['1e3', 1000, null],
    ['0.1', 0.1, null],
    ['1e23', 1e23, null],
    ['0.00000000000000000000000012', 1.2e-25, null],
    ['"12.5"', 12.5, null],
    ['"1\\u0032"', 12, null],
    ['9007199254740992', 9007199254740992, null],
    ['9007199254740993', 9007199254740992, '{"interaction_value":9007199254740993}'],
    ['0.1000000000000000055511151231257827', 0.1, '{"interaction_value":0.1000000000000000055511151231257827}'],
    ['"9007199254740993"', 9007199254740992, '{"interaction_value":"9007199254740993"}'],
    ['1e-400', 0, '{"interaction_value":1e-400}'],
    ['1e400', null, '{"interaction_value":1e400}'],
    ['"NaN"', null, '{"interaction_value":"NaN"}'],
    ['"Infinity"', null, '{"interaction_value":"Infinity"}'],
    ['" 1"', null, '{"interaction_value":" 1"}'],
    ['"01"', null, '{"interaction_value":"01"}'],
    ['"+1"', null, '{"interaction_value":"+1"}'],
    ['""', null, '{"interaction_value":""}'],
    ['true', null, '{"interaction_value":true}'],
    ['{}', null, '{"interaction_value":{}}'],
    ['[1]', null, '{"interaction_value":[1]}'],
  ])('%s becomes %s, rescued %s', (json, value, rescued) => {
    const row = decodedRow(`{"interaction_value":${json}}`)
    expect(row['interaction_value']).toBe(value)
    expect(row['_rescued']).toBe(rescued)
  })
})

describe('fields beside the columns', () => {
  it('adds a column typed by its first value that is not null', () => {
    const unit = decode(['{"n":null}', '{"s":"x","n":1.5,"b":true,"o":{"a":1},"l":[1]}', '{}', '{"s":"y"}'])
    const added = unit.schema.fields.slice(-5).map((each) => [each.name, each.type])
    expect(added).toEqual([
      ['s', 'string'],
      ['n', 'double'],
      ['b', 'boolean'],
      ['o', 'string'],
      ['l', 'string'],
    ])
    const rows = rowsOf(unit.parts[0]!.batch)
    expect(rows.map((row) => [row['s'], row['n'], row['b'], row['o'], row['l']])).toEqual([
      [null, null, null, null, null],
      ['x', 1.5, true, '{"a":1}', '[1]'],
      [null, null, null, null, null],
      ['y', null, null, null, null],
    ])
  })

  it('adds nothing for a null', () => {
    const unit = decode(['{"n":null,"_x":null}'])
    expect(unit.schema.fields).toHaveLength(22)
    expect(rowsOf(unit.parts[0]!.batch)[0]!['_rescued']).toBeNull()
  })

  it('lets later values of another type land as text or be rescued', () => {
    const rows = decodedRows([
      '{"s":"x","n":1,"b":true}',
      '{"s":2,"n":"two","b":"true"}',
      '{"s":{"a":1},"n":{},"b":0}',
      '{"n":9007199254740993}',
    ])
    expect(rows.map((row) => [row['s'], row['n'], row['b']])).toEqual([
      ['x', 1, true],
      ['2', null, null],
      ['{"a":1}', null, null],
      [null, 9007199254740992, null],
    ])
    expect(rows.map((row) => row['_rescued'])).toEqual([
      null,
      '{"n":"two","b":"true"}',
      '{"n":{},"b":0}',
      '{"n":9007199254740993}',
    ])
  })

  it.each([
    '_x',
    '_topic',
    '_rescued',
    '_offset',
    'Channel',
    'METADATA',
    '1a',
    'a-b',
    'a b',
    'é',
    '',
    'a'.repeat(129),
    '__proto__',
    'a.b',
  ])('rescues a field named %j', (name) => {
    const unit = decode([JSON.stringify(Object.fromEntries([[name, 1]]))])
    expect(unit.schema.fields).toHaveLength(22)
    expect(rowsOf(unit.parts[0]!.batch)[0]!['_rescued']).toBe(`{${JSON.stringify(name)}:1}`)
  })

  it('adds names of 128 characters, and names objects have by nature', () => {
    const names = ['a'.repeat(128), 'constructor', 'toString', 'hasOwnProperty']
    const unit = decode([`{${names.map((name) => `"${name}":1`).join(',')}}`])
    expect(unit.schema.fields.slice(22).map((each) => each.name)).toEqual(names)
    expect(({} as Record<string, unknown>)['a'.repeat(128)]).toBeUndefined()
  })

  it('rescues the second of two new names that differ in case alone', () => {
    const rows = decodedRows(['{"abc":1,"ABC":2}', '{"ABC":3}'])
    expect(rows.map((row) => [row['abc'], row['_rescued']])).toEqual([
      [1, '{"ABC":2}'],
      [null, '{"ABC":3}'],
    ])
  })

  it('stops adding at the most columns a table may have and rescues the rest', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `k${index}`)
    const unit = decode([`{${names.map((name, index) => `"${name}":${index}`).join(',')}}`], { columnsMax: 30 })
    expect(unit.schema.fields).toHaveLength(30)
    const row = rowsOf(unit.parts[0]!.batch)[0]!
    expect(row['k7']).toBe(7)
    const rescued = JSON.parse(row['_rescued'] as string) as Record<string, number>
    expect(Object.keys(rescued)).toHaveLength(9992)
    expect(rescued['k9999']).toBe(9999)
  })

  it('rescues all of them in mode rescue', () => {
    const unit = decode(['{"a": {"b" : 1},"c":"\\u0041","channel":"web"}'], { evolution: 'rescue' })
    expect(unit.schema.fields).toHaveLength(22)
    expect(rowsOf(unit.parts[0]!.batch)[0]).toMatchObject({ channel: 'web', _rescued: '{"a":{"b" : 1},"c":"\\u0041"}' })
  })

  it('dead-letters the record in mode fail and leaves no trace of it in the rows', () => {
    const unit = decode(['{"channel":"web","a":1}', '{"channel":"app","a":null}', '{"_rescued":1}', '{"Channel":1}'], {
      evolution: 'fail',
    })
    expect(unit.parts.flatMap((part) => rowsOf(part.batch).map((row) => row['channel']))).toEqual(['app', 'unknown'])
    const letters = rowsOf(unit.deadLetters)
    expect(letters.map((row) => [row['_offset'], row['reason'], row['detail']])).toEqual([
      [0n, 'schema', 'the table has no column "a"'],
      [3n, 'schema', 'the table has no column "Channel"'],
    ])
  })

  it('puts column values and unknown fields into one rescued object', () => {
    const row = decodedRow('{"_x":1,"user_id":[],"timestamp":"never","_y":{"z":null}}')
    expect(row['_rescued']).toBe('{"timestamp":"never","user_id":[],"_x":1,"_y":{"z":null}}')
  })
})

describe('repeated names', () => {
  it('keeps the last value, across spellings', () => {
    const row = decodedRow(
      String.raw`{"channel":"a","ch\u0061nnel":"b","user_id":"x","user_id":null,"_k":1,"_\u006b":2,"n":"text","n":5}`,
    )
    expect(row).toMatchObject({ channel: 'b', user_id: null, n: 5 })
    expect(row['_rescued']).toBe(String.raw`{"_\u006b":2}`)
  })

  it('reads keys that are one escaped character, whatever was before', () => {
    const rows = decodedRows([String.raw`{"a":1,"\\":2}`, String.raw`{"a":1,"\u4e2d":3,"\u0062":4}`])
    expect(rows.map((row) => [row['a'], row['b'], row['_rescued']])).toEqual([
      [1, null, String.raw`{"\\":2}`],
      [1, 4, String.raw`{"\u4e2d":3}`],
    ])
  })

  it('forgets the fields of the record before', () => {
    const rows = decodedRows(['{"user_id":"a","_x":1}', '{}', '{"_y":2}'])
    expect(rows.map((row) => [row['user_id'], row['_rescued']])).toEqual([
      ['a', '{"_x":1}'],
      [null, null],
      [null, '{"_y":2}'],
    ])
  })
})

describe('a table another engine made', () => {
  const table = struct([
    field('timestamp', 'timestamp'),
    field('event_type', 'string'),
    field('l', 'long'),
    field('i', 'integer'),
    field('s', 'short'),
    field('y', 'byte'),
    field('f', 'float'),
    field('d', 'date'),
    field('t', 'timestamp'),
    field('b', 'boolean'),
    field('m', 'decimal(10,2)'),
    field('x', 'binary'),
    field('a', { type: 'array', elementType: 'string', containsNull: true }),
  ])

  it('gets the columns it lacks at the end', () => {
    const unit = decode(['{"channel":"web"}'], { schema: table })
    expect(unit.schema.fields.slice(0, 13)).toEqual(table.fields)
    expect(unit.schema.fields.map((each) => each.name)).toContain('_rescued')
    expect(rowsOf(unit.parts[0]!.batch)[0]).toMatchObject({ channel: 'web', _offset: 0n })
  })

  it('takes values that fit exactly', () => {
    const row = decodedRow(
      '{"l":9223372036854775807,"i":-2147483648,"s":1e2,"y":"-128","f":1.5,"d":"2026-02-28","t":0,"b":false,"m":"12345678.9"}',
      { schema: table },
    )
    expect(row).toMatchObject({
      l: 9223372036854775807n,
      i: -2147483648,
      s: 100,
      y: -128,
      f: 1.5,
      d: 20512,
      t: 0n,
      b: false,
      m: 1234567890n,
    })
    expect(row['_rescued']).toBeNull()
  })

  it('rescues values that do not, and all of a type that JSON does not fill', () => {
    const value =
      '{"l":9223372036854775808,"i":1.5,"s":32768,"y":true,"f":0.1,"d":"2026-02-29","t":"x","b":1,"m":0.001,"x":"00","a":["1"]}'
    const unit = decode([value], { schema: table })
    const row = rowsOf(unit.parts[0]!.batch)[0]!
    expect(JSON.parse(row['_rescued'] as string)).toEqual(JSON.parse(value))
    expect(row['_rescued']).toContain('"l":9223372036854775808')
    expect(unit.parts[0]!.batch.schema.fields.map((each) => each.name)).not.toContain('x')
  })

  it('is refused with every column that differs', () => {
    const wrong = struct([field('timestamp', 'string'), field('Channel', 'string'), field('k', 'long', false)])
    expect(() => decode(['{}'], { schema: wrong })).toThrow(
      /timestamp: is string, not timestamp; Channel: must be spelled channel; k: is not nullable/,
    )
    expect(() => decode(['{}'], { partitionColumns: ['_offset'] })).toThrow(/partitioned by _offset/)
  })
})
