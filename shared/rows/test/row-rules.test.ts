import { eventTableSchema } from '@silt/contracts'
import { field, struct, type EncodeSpec, type RowRules, type StructField } from '@silt/core'
import { describe, expect, test } from 'vitest'
import { createRowDecoder, judgeRowRules } from '../src/index.ts'
import { decode, rowsOf, type Row } from './decoded.ts'
import { cutAtMs, kafkaMs, slabOf, specOf } from './slab.ts'

const none: RowRules = { checks: [], generated: [], defaults: [] }

const check = (name: string, sql: string): Partial<RowRules> => ({ checks: [{ kind: 'constraint', name, sql }] })

function ruled(
  rules: Partial<RowRules>,
  columns: readonly StructField[] = [],
  more: Partial<EncodeSpec> = {},
): Partial<EncodeSpec> {
  return {
    schema: struct([...eventTableSchema.fields, ...columns]),
    layout: { rowRules: { ...none, ...rules } },
    ...more,
  }
}

/** Rows, and `[offset, reason, detail]` of the dead letters. */
function outcome(
  records: readonly string[],
  spec: Partial<EncodeSpec>,
): { rows: readonly Row[]; dead: readonly unknown[] } {
  const unit = decode(records, spec)
  const dead = rowsOf(unit.deadLetters).map((row) => [Number(row['_offset']), row['reason'], row['detail']])
  return { rows: unit.parts.flatMap((part) => rowsOf(part.batch)), dead }
}

describe('constraints and invariants', () => {
  test('a row enters only where the condition is TRUE; any other is a dead letter that names the constraint, with its bytes', () => {
    const spec = ruled(check('positive', 'amount > 0'), [field('amount', 'decimal(10,2)')])
    const records = ['{"amount":1.5}', '{"amount":-1}', '{"amount":null}', '{}', '{"amount":"many"}', '{"amount":0.01}']
    const { rows, dead } = outcome(records, spec)
    expect(rows.map((row) => row['amount'])).toEqual([150n, 1n])
    expect(dead).toEqual([
      [1, 'constraint', 'constraint positive (amount > 0): it is FALSE'],
      [2, 'constraint', 'constraint positive (amount > 0): it is NULL'],
      [3, 'constraint', 'constraint positive (amount > 0): it is NULL'],
      // What does not fit its column is no value of the row.
      [4, 'constraint', 'constraint positive (amount > 0): it is NULL'],
    ])
    expect(rowsOf(decode(records, spec).deadLetters)[0]).toMatchObject({ value: Buffer.from('{"amount":-1}') })
    const { counts } = decode(records, spec)
    expect(counts).toMatchObject([{ read: 6, rows: 2, deadLetters: 4, gaps: 0 }])
  })

  test('a condition that fails to evaluate is not met', () => {
    const { rows, dead } = outcome(
      ['{"user_id":"7"}', '{"user_id":"x"}'],
      ruled(check('numbered', 'CAST(user_id AS INT) > 0')),
    )
    expect(rows).toHaveLength(1)
    expect(dead).toEqual([
      [1, 'constraint', 'constraint numbered (CAST(user_id AS INT) > 0): "x" (STRING) cannot be cast to INTEGER'],
    ])
  })

  test('conditions see what stands in the table: stand-ins, the time of the record, its place, rounded and cut values', () => {
    const spec = ruled({
      checks: [
        { kind: 'constraint', name: 'known', sql: "channel IN ('unknown', 'web')" },
        { kind: 'constraint', name: 'timed', sql: `unix_millis(timestamp) = ${kafkaMs} OR year(timestamp) = 2026` },
        {
          kind: 'constraint',
          name: 'placed',
          sql: "_topic = 'analytics-events' AND _partition = 0 AND _offset < 3 AND _topic_id IS NOT NULL AND unix_millis(_kafka_timestamp) > 0",
        },
        { kind: 'invariant', name: 'user_id', sql: "user_id IS NULL OR user_id LIKE '1%'" },
      ],
    })
    const { rows, dead } = outcome(
      [
        '{}',
        '{"channel":"web","timestamp":"2026-01-01T00:00:00Z","user_id":12}',
        '{"channel":"app"}',
        '{}',
        '{"timestamp":"2025-01-01T00:00:00Z"}',
        '{"user_id":"2"}',
      ],
      spec,
    )
    expect(rows.map((row) => row['_offset'])).toEqual([0n, 1n])
    expect(dead.map((each) => (each as string[])[2]!.split(' (')[0])).toEqual([
      'constraint known',
      'constraint placed',
      'constraint timed',
      'constraint placed',
    ])
  })

  test('a record that is refused leaves no column and no partition behind', () => {
    const spec = ruled(check('c', 'amount > 0'), [field('amount', 'long'), field('event_date', 'date')], {
      partitionColumns: ['event_date'],
      evolution: 'add',
    })
    const unit = decode(
      [
        '{"amount":0,"fresh":1,"timestamp":"2026-05-05T00:00:00Z"}',
        '{"amount":1,"other":1,"timestamp":"2026-05-06T00:00:00Z"}',
      ],
      spec,
    )
    expect(unit.parts.map((part) => part.partitionValues)).toEqual([{ event_date: '2026-05-06' }])
    expect(unit.schema.fields.map((each) => each.name)).toContain('other')
    expect(unit.schema.fields.map((each) => each.name)).not.toContain('fresh')
  })
})

describe('generated columns', () => {
  test('are computed where the record does not name them, and held against their expression where it does', () => {
    const spec = ruled(
      {
        generated: [
          { column: 'day', sql: 'CAST(timestamp AS DATE)' },
          { column: 'label', sql: "concat(channel, '-', interaction_value)" },
        ],
      },
      [field('day', 'date'), field('label', 'string')],
    )
    const { rows, dead } = outcome(
      [
        '{"timestamp":"2026-02-03T04:05:06Z","channel":"we\\"b","interaction_value":2}',
        '{"timestamp":"2026-02-03T04:05:06Z","day":"2026-02-03"}',
        '{"timestamp":"2026-02-03T04:05:06Z","day":"2026-02-04"}',
        '{"timestamp":"2026-02-03T04:05:06Z","day":null}',
        '{"timestamp":"2026-02-03T04:05:06Z","label":null}',
        ' { } ',
      ],
      spec,
    )
    const day = Date.UTC(2026, 1, 3) / 86_400_000
    expect(rows.map((row) => [row['day'], row['label'], row['_rescued']])).toEqual([
      [day, 'we"b-2.0', null],
      [day, null, null],
      [day, null, null],
      [Math.floor(kafkaMs / 86_400_000), null, null],
    ])
    expect(dead).toEqual([
      [2, 'generated-column', 'column day (generated as CAST(timestamp AS DATE)): given with another value'],
      [3, 'generated-column', 'column day (generated as CAST(timestamp AS DATE)): given with another value'],
    ])
  })

  test('partition the table, and conditions see them', () => {
    const spec = ruled(
      { generated: [{ column: 'y', sql: 'year(timestamp)' }], ...check('recent', 'y >= 2026') },
      [field('y', 'integer')],
      { partitionColumns: ['y'] },
    )
    const unit = decode(
      [
        '{"timestamp":"2026-02-03T04:05:06Z"}',
        '{"timestamp":"2027-02-03T04:05:06Z"}',
        '{"timestamp":"2025-12-31T23:59:59Z"}',
      ],
      spec,
    )
    expect(unit.parts.map((part) => [part.partitionValues, part.batch.rowCount])).toEqual([
      [{ y: '2026' }, 1],
      [{ y: '2027' }, 1],
    ])
    expect(rowsOf(unit.deadLetters)).toMatchObject([{ _offset: 2n, reason: 'constraint' }])
  })

  test('an event_date of its own day is always given, by the row itself', () => {
    const spec = (sql: string): Partial<EncodeSpec> =>
      ruled({ generated: [{ column: 'event_date', sql }] }, [field('event_date', 'date')], {
        partitionColumns: ['event_date'],
      })
    const record = '{"timestamp":"2026-02-03T23:59:59.999999Z"}'
    expect(decode([record], spec('CAST(timestamp AS DATE)')).parts).toMatchObject([
      { partitionValues: { event_date: '2026-02-03' } },
    ])
    expect(outcome([record], spec('date_add(timestamp, 1)')).dead).toMatchObject([
      [0, 'generated-column', expect.stringContaining('another value')],
    ])
  })

  test('values of every type land as computed; what no event can hold, or fails, is a dead letter', () => {
    const columns = [
      field('i', 'integer'),
      field('l', 'long'),
      field('m', 'decimal(18,4)'),
      field('d', 'double'),
      field('f', 'float'),
      field('b', 'boolean'),
      field('t', 'timestamp'),
      field('s', 'string'),
    ]
    const generated = [
      { column: 'i', sql: 'CAST(interaction_value AS INT)' },
      { column: 'l', sql: 'unix_micros(timestamp) * 1000' },
      { column: 'm', sql: 'CAST(interaction_value / 7 AS DECIMAL(18,4))' },
      { column: 'd', sql: 'interaction_value / 7' },
      { column: 'f', sql: 'CAST(0.1 AS FLOAT)' },
      { column: 'b', sql: 'interaction_value IS NULL' },
      { column: 't', sql: "date_trunc('MONTH', timestamp)" },
      { column: 's', sql: "concat('\u{1f600}\\n', 'x')" },
    ]
    const at = '"timestamp":"2026-02-03T04:05:06.000001Z"'
    const { rows, dead } = outcome(
      [`{${at},"interaction_value":-3}`, `{${at},"interaction_value":3e9}`, `{"timestamp":"1900-01-01T00:00:00Z"}`],
      ruled({ generated }, columns),
    )
    expect(rows).toMatchObject([
      {
        i: -3,
        l: 1_770_091_506_000_001_000n,
        m: -4286n,
        d: -3 / 7,
        f: Math.fround(0.1),
        b: false,
        t: BigInt(Date.UTC(2026, 1)) * 1000n,
        s: '\u{1f600}\nx',
        _rescued: null,
      },
      { i: null, l: -2_208_988_800_000_000_000n, m: null, d: null, b: true },
    ])
    expect(dead).toEqual([
      [1, 'generated-column', 'column i (generated as CAST(interaction_value AS INT)): 3000000000 is beyond INT'],
    ])
    const infinite = ruled({ generated: [{ column: 'd', sql: "CAST('inf' AS DOUBLE)" }] }, columns)
    expect(outcome(['{}'], infinite).dead).toEqual([
      [0, 'generated-column', 'column d: its value is beyond what events hold'],
    ])
    // `unknown` would stand in for the NULL.
    expect(outcome(['{}'], ruled({ generated: [{ column: 'channel', sql: 'user_id' }] })).dead).toMatchObject([
      [0, 'generated-column', expect.stringContaining('column channel')],
    ])
  })
})

describe('defaults', () => {
  const spec = ruled(
    {
      defaults: [
        { column: 'state', sql: "'new'" },
        { column: 'seen', sql: 'current_timestamp()' },
        { column: 'channel', sql: "'shop'" },
        { column: 'n', sql: 'NULL' },
      ],
      ...check('c', "state <> 'bad' OR state IS NULL"),
    },
    [field('state', 'string'), field('seen', 'timestamp'), field('n', 'long')],
  )

  test('stand in where a record does not name the column, not where it is null, and are the same in a second run', () => {
    const { rows, dead } = outcome(
      ['{}', '{"state":null,"channel":null}', '{"state":"old","seen":0,"n":5}', '{"state":"bad"}'],
      spec,
    )
    expect(rows.map((row) => [row['state'], row['seen'], row['channel'], row['n']])).toEqual([
      ['new', BigInt(cutAtMs) * 1000n, 'shop', null],
      [null, BigInt(cutAtMs) * 1000n, 'unknown', null],
      ['old', 0n, 'shop', 5n],
    ])
    expect(dead).toMatchObject([[3, 'constraint', expect.stringContaining('constraint c')]])
  })

  test('are seen by generated columns, and partition the table', () => {
    const partitioned = ruled(
      { defaults: [{ column: 'region', sql: "'eu'" }], generated: [{ column: 'tag', sql: 'upper(region)' }] },
      [field('region', 'string'), field('tag', 'string')],
      { partitionColumns: ['region'] },
    )
    const unit = decode(['{}', '{"region":"us"}', '{"region":""}'], partitioned)
    expect(unit.parts.map((part) => [part.partitionValues, rowsOf(part.batch).map((row) => row['tag'])])).toEqual([
      [{ region: 'eu' }, ['EU']],
      [{ region: 'us' }, ['US']],
      [{ region: null }, [null]],
    ])
  })
})

test('records of any shape keep their rows under rules: bytes beside them, keys escaped, fields twice, nothing at the end of the slab', () => {
  const spec = ruled({ defaults: [{ column: 'state', sql: "'new'" }] }, [field('state', 'string')])
  const records = [
    '{"a b":"\\u00e9","user_id":"1"}',
    '{ "user_id" : "2" , "user_id" : "3" }\n\t ',
    '{"st\\u0061te":"old"}',
    '{"x":{"state":1}}',
  ]
  const decoder = createRowDecoder(specOf(spec))
  const slab = slabOf(records, { slackBytes: 0 })
  const before = slab.bytes.slice()
  decoder.push(slab)
  expect(slab.bytes).toEqual(before)
  const { parts } = decoder.finish([{ partition: 0, start: 0, endExclusive: slab.nextOffset }])
  const rows = parts.flatMap((part) => rowsOf(part.batch))
  expect(rows.map((row) => [row['user_id'], row['state'], row['_rescued']])).toEqual([
    ['1', 'new', '{"a b":"\\u00e9"}'],
    ['3', 'new', null],
    [null, 'old', null],
    [null, 'new', null],
  ])
})

describe('tables are refused, naming the rule,', () => {
  const schema = struct([
    ...eventTableSchema.fields,
    field('amount', 'long'),
    field('raw', 'binary'),
    field('list', { type: 'array', elementType: 'long', containsNull: true }),
  ])
  const judge = (rules: Partial<RowRules>): string | undefined => judgeRowRules({ ...none, ...rules }, schema)

  test.each([
    [
      'a function nobody evaluates',
      check('c', 'sha2(user_id, 256) IS NOT NULL'),
      'constraint c: function sha2: not supported (line 1, column 1',
    ],
    ['a column that is not there', check('c', 'nosuch > 1'), 'constraint c: nosuch: the table has no such column'],
    ['what is no condition', check('c', 'amount + 1'), 'constraint c: BIGINT as a condition'],
    [
      'the clock in a condition',
      check('c', 'timestamp < current_timestamp()'),
      'constraint c: function current_timestamp but in a default',
    ],
    ['what was rescued', check('c', '_rescued IS NULL'), 'a rule over _rescued'],
    [
      'a default of a column no event fills',
      { defaults: [{ column: 'raw', sql: "CAST('x' AS BINARY)" }] },
      'the default of column raw: events do not fill columns of that type',
    ],
    [
      'a generated array',
      { generated: [{ column: 'list', sql: 'NULL' }] },
      'generated column list: only columns of a primitive type',
    ],
    ['a default that fails', { defaults: [{ column: 'amount', sql: '1 DIV 0' }] }, 'a division by zero'],
    [
      'a default over columns',
      { defaults: [{ column: 'amount', sql: 'amount' }] },
      'the default of column amount: column amount in a default',
    ],
    [
      'a value of another type',
      { generated: [{ column: 'amount', sql: 'timestamp' }] },
      'generated column amount: a value of TIMESTAMP where BIGINT is asked for',
    ],
    ['no expression', check('c', 'amount >'), 'constraint c: expected a value (line 1, column 9, at the end)'],
  ])('%s', (_, rules, message) => {
    expect(judge(rules)).toContain(message)
  })

  test('and not where all can be judged: an array that is there, a default nobody needs', () => {
    expect(
      judge({ ...check('c', 'list IS NOT NULL OR amount > 0'), defaults: [{ column: 'amount', sql: '1 + 1' }] }),
    ).toBeUndefined()
  })
})
