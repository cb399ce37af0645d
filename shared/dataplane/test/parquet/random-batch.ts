import fc from 'fast-check'
import { decimalOf, type DataType, type ParquetRow, type StructField, type StructType } from '@silt/core'

/** A schema and rows for it, as `encodeRows` takes them; nulls wherever they may be. */
export interface RandomTable {
  readonly schema: StructType
  readonly rows: readonly ParquetRow[]
}

export interface RandomTableOptions {
  readonly rowsMax: number
  /** Only what a ColumnBatch can hold: no decimals beyond 18 digits. */
  readonly isBatch?: boolean
  /** Only dates and times that every engine's objects can hold: the years 1 to 9999. */
  readonly isCalendar?: boolean
}

export function randomTable(options: RandomTableOptions): fc.Arbitrary<RandomTable> {
  return schemas(options).chain((schema) =>
    fc
      .array(record(schema, options.isCalendar === true ? calendar : primitives), {
        maxLength: options.rowsMax,
        size: 'max',
      })
      .map((rows) => ({ schema, rows })),
  )
}

const plainTypes = [
  ...['string', 'binary', 'long', 'integer', 'short', 'byte', 'double', 'float', 'boolean', 'date'],
  ...['timestamp', 'timestamp_ntz', 'decimal(9,2)', 'decimal(18,0)', 'decimal(1,1)'],
] as DataType[]
const wideTypes = ['decimal(19,4)', 'decimal(38,10)'] as DataType[]

function schemas({ isBatch = false }: RandomTableOptions): fc.Arbitrary<StructType> {
  const primitive = fc.constantFrom(...plainTypes, ...(isBatch ? [] : wideTypes))
  const { type } = fc.letrec<{ type: DataType }>((tie) => ({
    type: fc.oneof(
      { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
      { weight: 4, arbitrary: primitive },
      { weight: 1, arbitrary: fc.array(tie('type'), { minLength: 1, maxLength: 3 }).chain(structOf) },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('array' as const),
          elementType: tie('type'),
          containsNull: fc.boolean(),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('map' as const),
          keyType: fc.constant('string' as const),
          valueType: tie('type'),
          valueContainsNull: fc.boolean(),
        }),
      },
    ),
  }))
  return fc.array(type, { minLength: 1, maxLength: 6 }).chain(structOf)
}

function structOf(types: readonly DataType[]): fc.Arbitrary<StructType> {
  const flags = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: types.length, maxLength: types.length })
  return flags.map((each) => ({
    type: 'struct',
    fields: types.map((type, index) => ({ name: `f${index}`, type, nullable: each[index] !== 0, metadata: {} })),
  }))
}

type Primitives = Readonly<Record<string, fc.Arbitrary<unknown>>>

function record(schema: StructType, of: Primitives): fc.Arbitrary<ParquetRow> {
  return fc.record(Object.fromEntries(schema.fields.map((field) => [field.name, fieldValue(field, of)])))
}

function fieldValue({ type, nullable }: StructField, of: Primitives): fc.Arbitrary<unknown> {
  return nullable ? orNull(value(type, of)) : value(type, of)
}

function orNull(arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.option(arbitrary, { freq: 3, nil: null })
}

function value(type: DataType, of: Primitives): fc.Arbitrary<unknown> {
  if (typeof type === 'object') {
    switch (type.type) {
      case 'struct':
        return record(type, of)
      case 'array':
        return fc.array(type.containsNull ? orNull(value(type.elementType, of)) : value(type.elementType, of), {
          maxLength: 4,
        })
      case 'map':
        return fc.dictionary(
          // Names that objects have of their own would be lost to readers in JavaScript.
          fc.string({ maxLength: 4 }).map((key) => `k${key}`),
          type.valueContainsNull ? orNull(value(type.valueType, of)) : value(type.valueType, of),
          { maxKeys: 3, noNullPrototype: true },
        )
    }
  }
  const decimal = decimalOf(type)
  if (decimal !== undefined) {
    const max = 10n ** BigInt(decimal.precision) - 1n
    return fc.bigInt({ min: -max, max })
  }
  return of[type] ?? fc.constant(null)
}

const few = (arbitrary: fc.Arbitrary<unknown>, ...values: readonly unknown[]) =>
  fc.oneof(arbitrary, fc.constantFrom(...values))
/** Bounds hold no more than the first 256 bytes of them. */
const alikeFor256 = ['x'.repeat(256), 'x'.repeat(300), `${'x'.repeat(299)}y`, `${'x'.repeat(256)}\u{10ffff}`]
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', 'a', 'ab', 'channel', '\u{10ffff}', '\u{10ffff}'.repeat(40), 'é'.repeat(70), ...alikeFor256),
  fc.string({ unit: fc.constantFrom('\ud7ff', '\u{10ffff}', 'é', 'z'), minLength: 20, maxLength: 80 }),
)
const day = 86_400_000n * 1000n

const primitives: Primitives = {
  string: text,
  binary: fc.oneof(
    fc.uint8Array({ maxLength: 5 }),
    fc.constantFrom(
      new Uint8Array(0),
      new Uint8Array(100).fill(255),
      ...alikeFor256.map((each) => new Uint8Array(Buffer.from(each))),
    ),
  ),
  long: few(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), 0n, 1n, -(2n ** 63n), 2n ** 63n - 1n),
  integer: few(fc.integer(), 0, 5, -(2 ** 31), 2 ** 31 - 1),
  short: few(fc.integer({ min: -32768, max: 32767 }), 0),
  byte: few(fc.integer({ min: -128, max: 127 }), 0),
  double: few(fc.double(), 0, -0, NaN, Infinity, -Infinity, 1.5),
  float: few(fc.float(), 0, -0, NaN, Infinity, -Infinity, 1.5),
  boolean: fc.boolean(),
  date: few(fc.integer({ min: -719162, max: 2932896 }), 0, -(2 ** 31), 2 ** 31 - 1),
  timestamp: few(
    fc.bigInt({ min: -62135596800n * 1000000n, max: 253402300799n * 1000000n }),
    0n,
    -1n,
    day,
    2n ** 63n - 1n,
  ),
  timestamp_ntz: few(fc.bigInt({ min: -day, max: day * 40000n }), 0n, -1001n),
}

const calendar: Primitives = {
  ...primitives,
  date: few(fc.integer({ min: -719162, max: 2932896 }), 0, -1),
  timestamp: few(fc.bigInt({ min: -62135596800n * 1000000n, max: 253402300799n * 1000000n }), 0n, -1n, day),
}
