import { field, struct, type ColumnBatch, type RowRules } from '@silt/core'
import { batchRows, compile, compileRules, supports } from '@silt/expressions'
import { describe, expect, test } from 'vitest'

const schema = struct([
  field('id', 'long'),
  field('Name', 'string'),
  field('at', 'timestamp'),
  field('place', struct([field('city', 'string'), field('zip', 'integer')])),
  field('tags', { type: 'array', elementType: 'string', containsNull: true }),
])
const context = { nowMicros: 1_700_000_000_123_456n }
const row = [7n, 'x', 0n, ['Bern', 3000], null]

describe('supports', () => {
  test.each([
    ['id > 3 AND name IS NOT NULL', undefined],
    ['PLACE.City = place.`city`', undefined],
    ['tags IS NULL', undefined],
    ['sha2(name, 256) = 1', 'function sha2: not supported (line 1, column 1, at "sha2(name, 256) = 1")'],
    ['id >\n  3 AND\n  name RLIKE "a"', 'RLIKE: not supported (line 3, column 8'],
    ['id +', 'expected a value (line 1, column 5, at the end)'],
    ['place = place', 'a comparison of STRUCT<city: STRING, zip: INT>'],
    ['tags[0] = 1', 'elements of arrays and maps: not supported'],
    ['tags.x = 1', 'tags.x: a field of ARRAY<STRING>'],
    ['(SELECT 1) = 1', 'queries: not supported'],
    ['sum(id) OVER () = 1', 'windows and aggregates: not supported'],
    ['name COLLATE UTF8_LCASE = 1', 'expected the end'],
    ['date_format(at, "EEEE") = 1', 'the pattern "EEEE": not supported'],
    ['name LIKE name', 'LIKE with a pattern that differs by row'],
    ['current_timestamp() > at', 'function current_timestamp but in a default'],
    ['to_date(name, "yyyy") = 1', 'function to_date of 2 operands'],
  ])('%s', (text, reason) => {
    const verdict = supports(text, schema)
    expect(verdict.isSupported).toBe(reason === undefined)
    if (!verdict.isSupported) expect(verdict.reason).toContain(reason)
  })

  test('a default refers to no column, may ask for the time, and is of its column', () => {
    const options = { purpose: 'default', as: 'timestamp' } as const
    expect(compile('current_timestamp()', schema, options).evaluate([], context)).toBe(context.nowMicros)
    expect(compile('current_date()', schema, options).evaluate([], context)).toBe(1_699_920_000_000_000n)
    expect(supports('at', schema, options)).toMatchObject({ isSupported: false })
    expect(supports('TRUE', schema, options)).toMatchObject({ isSupported: false })
  })
})

test('an expression tells which columns it needs, and looks at no others', () => {
  const { columns, evaluate, type } = compile('concat(place.city, id)', schema)
  expect([columns, type, evaluate(row, context)]).toEqual([[0, 3], 'string', 'Bern7'])
  expect(evaluate([7n, undefined as never, undefined as never, null, undefined as never], context)).toBeNull()
})

test('a concatenation that fails does so beside a NULL as well, in Spark', () => {
  const { evaluate } = compile("name || (1 % id) || 'x'", schema)
  expect(evaluate(row.with(0, 2n).with(1, null), context)).toBeNull()
  expect(() => evaluate(row.with(0, 0n).with(1, null), context)).toThrow(
    expect.objectContaining({ code: 'expressions/failed' }),
  )
})

test('a year beyond the days of 32 bits is no date, as in Spark', () => {
  const value = (text: string) => compile(`TRY_CAST('${text}' AS DATE)`, schema).evaluate(row, context)
  expect([value('5881580-07-11'), value('5881580-07-12'), value('7967341')]).toEqual([2_147_483_647, null, null])
})

test('rows of a batch are read by name; columns it lacks are NULL', () => {
  const batch: ColumnBatch = {
    schema: struct([schema.fields[3]!, schema.fields[4]!, schema.fields[1]!]),
    rowCount: 2,
    columns: [
      {
        kind: 'struct',
        length: 2,
        nullCount: 1,
        validity: Uint8Array.of(0b01),
        children: [
          { kind: 'string', length: 2, nullCount: 0, offsets: Int32Array.of(0, 4, 4), bytes: Buffer.from('Bern') },
          { kind: 'integer', length: 2, nullCount: 0, values: Int32Array.of(3000, 0) },
        ],
      },
      {
        kind: 'list',
        length: 2,
        nullCount: 1,
        validity: Uint8Array.of(0b10),
        offsets: Int32Array.of(0, 0, 0),
        child: { kind: 'string', length: 0, nullCount: 0, offsets: Int32Array.of(0), bytes: new Uint8Array(0) },
      },
      { kind: 'string', length: 2, nullCount: 0, offsets: Int32Array.of(0, 1, 3), bytes: Buffer.from('aé') },
    ],
  }
  const { columns, evaluate } = compile(
    "concat_ws_is_no_function IS NULL OR place.zip = 3000 AND name = 'a'",
    struct([...schema.fields, field('concat_ws_is_no_function', 'string')]),
  )
  expect(columns).toEqual([1, 3, 5])
  const all = (text: string): unknown[] => {
    const compiled = compile(text, schema)
    const rowAt = batchRows(batch, schema, compiled.columns)
    return [0, 1].map((index) => compiled.evaluate(rowAt(index), context))
  }
  expect(all('place.zip = 3000')).toEqual([true, null])
  expect(all('tags IS NULL')).toEqual([true, false])
  expect(all("name || coalesce(place.city, '-')")).toEqual(['aBern', 'é-'])
  expect(all('id IS NULL')).toEqual([true, true])
  expect(typeof evaluate).toBe('function')
})

test('rules of a row: generated columns first, then conditions in order; TRUE alone lets in', () => {
  const rules: RowRules = {
    checks: [
      { kind: 'constraint', name: 'small', sql: 'id < 100' },
      { kind: 'invariant', name: 'Name', sql: "Name <> ''" },
    ],
    generated: [{ column: 'at', sql: 'timestamp_millis(id)' }],
    defaults: [{ column: 'Name', sql: "'none'" }],
  }
  const compiled = compileRules(rules, schema)
  expect(compiled.columns).toEqual([0, 1, 2])
  expect(compiled.defaultOf(0, context)).toBe('none')
  const filled = [7n, 'x', null, null, null]
  expect(compiled.apply(filled, [false], context)).toBeUndefined()
  expect(filled[2]).toBe(7000n)
  const refusal = (values: Parameters<typeof compiled.apply>[0], isGiven = false) =>
    compiled.apply(values, [isGiven], context)
  expect(refusal([7n, 'x', 1n, null, null], true)).toMatchObject({ reason: 'generated-column' })
  expect(refusal([100n, 'x', null, null, null])?.detail).toBe('constraint small (id < 100): it is FALSE')
  expect(refusal([null, '', null, null, null])?.detail).toBe('constraint small (id < 100): it is NULL')
  expect(refusal([1n, '', null, null, null])?.detail).toBe("invariant Name (Name <> ''): it is FALSE")
  expect(refusal([9_223_372_036_854_775_807n, 'x', null, null, null])?.detail).toContain(
    'column at (generated as timestamp_millis(id)): ',
  )
  expect(() => compileRules({ ...rules, generated: [{ column: 'at', sql: 'at' }] }, schema)).toThrow(
    'generated from a generated column',
  )
})
