import { field, struct, type DataType, type StructType } from '@silt/core'
import type { SqlStruct, SqlValue } from '@silt/expressions'

/** The table that expressions are compared over: one column of each type, and its rows of edge values. */
export const givenColumns: readonly (readonly [string, string, DataType])[] = [
  ['b', 'TINYINT', 'byte'],
  ['h', 'SMALLINT', 'short'],
  ['i', 'INT', 'integer'],
  ['l', 'BIGINT', 'long'],
  ['f', 'FLOAT', 'float'],
  ['d', 'DOUBLE', 'double'],
  ['m', 'DECIMAL(10,2)', 'decimal(10,2)'],
  ['n', 'DECIMAL(38,18)', 'decimal(38,18)'],
  ['s', 'STRING', 'string'],
  ['t', 'STRING', 'string'],
  ['bo', 'BOOLEAN', 'boolean'],
  ['dt', 'DATE', 'date'],
  ['ts', 'TIMESTAMP', 'timestamp'],
  ['tn', 'TIMESTAMP_NTZ', 'timestamp_ntz'],
  ['st', 'STRUCT<a: INT, B: STRING>', struct([field('a', 'integer'), field('B', 'string')])],
]

export const givenSchema: StructType = struct(givenColumns.map(([name, , type]) => field(name, type)))

/** As Spark's SQL writes them. */
export const givenRows: readonly (readonly string[])[] = [
  row('0', '0', '0', '0', '0', '0', '0', '0', "''", "'0'", 'false', "'1970-01-01'", "'1970-01-01 00:00:00'", 'NULL'),
  row(
    '1',
    '1',
    '1',
    '1',
    '1.5',
    '2.5',
    '1.25',
    '1.5',
    "'abc'",
    "'12'",
    'true',
    "'2024-02-29'",
    "'2024-02-29 13:45:59.123456'",
    "named_struct('a', 1, 'B', 'x')",
  ),
  row(
    '-1',
    '-1',
    '-1',
    '-1',
    '-0.5',
    '-2.5',
    '-1.255',
    '-0.000000000000000001',
    "'ABC'",
    "' -7 '",
    'true',
    "'1969-12-31'",
    "'1969-12-31 23:59:59.999999'",
    "named_struct('a', NULL, 'B', 'Y')",
  ),
  row(
    '127',
    '32767',
    '2147483647',
    '9223372036854775807',
    '3.4028235E38',
    '1.7976931348623157E308',
    '99999999.99',
    '99999999999999999999.999999999999999999',
    "'zürich'",
    "'2024-01-15'",
    'false',
    "'9999-12-31'",
    "'9999-12-31 23:59:59.999999'",
    "named_struct('a', 2147483647, 'B', '')",
  ),
  row(
    '-128',
    '-32768',
    '-2147483648',
    '-9223372036854775808',
    '1.4E-45',
    '4.9E-324',
    '-99999999.99',
    '-99999999999999999999.999999999999999999',
    "'a_b%c'",
    "'2024-01-15 10:20:30.5+02:00'",
    'NULL',
    "'0001-01-01'",
    "'0001-01-01 00:00:00'",
    "named_struct('a', -5, 'B', 'abc')",
  ),
  row(...Array.from({ length: 14 }, () => 'NULL')),
  row(
    '5',
    '100',
    '1000000',
    '10000000000',
    '0.1',
    '0.1',
    '12.34',
    '3.141592653589793238',
    "'  padded  '",
    "'1.5'",
    'true',
    "'2000-12-31'",
    "'2000-12-31 00:00:00.000001'",
    "named_struct('a', 7, 'B', NULL)",
  ),
  row(
    '10',
    '-10',
    '86399',
    '1700000000',
    "'NaN'",
    "'NaN'",
    '0.01',
    '-3.5',
    "'😀b'",
    "'true'",
    'false',
    "'2023-01-01'",
    "'2023-01-01 12:00:00'",
    'NULL',
  ),
  row(
    '-7',
    '7',
    '-86401',
    '-1700000000',
    "'Infinity'",
    "'-Infinity'",
    '-0.5',
    '0.5',
    "'é'",
    "'NaN'",
    'true',
    "'1900-03-01'",
    "'1900-02-28 23:59:59'",
    'NULL',
  ),
  row(
    '3',
    '12',
    '19800',
    '253402300799',
    '100.25',
    '1234567.875',
    '2.5',
    '2.5',
    "'aXbXc'",
    "'abc'",
    'false',
    "'2024-12-30'",
    "'2024-12-30 06:30:15.5'",
    'NULL',
  ),
]

/** The rows again as Spark spoke them, as expressions here take them. */
export function spokenRow(spoken: Readonly<Record<string, string | boolean | null>>, index: number): SqlStruct {
  const structs: readonly SqlValue[] = [null, [1, 'x'], [null, 'Y'], [2_147_483_647, ''], [-5, 'abc'], null, [7, null]]
  return givenColumns.map(([name, , type]) => {
    if (name === 'st') return structs[index] ?? null
    return valueOf(type, spoken[name] ?? null)
  })
}

/** A value as evaluate_with_spark.py speaks it, as it is carried here. */
export function valueOf(type: DataType | 'void', spoken: string | boolean | null): SqlValue {
  if (spoken === null || typeof spoken === 'boolean' || type === 'string') return spoken
  switch (type) {
    case 'long':
    case 'timestamp':
    case 'timestamp_ntz':
      return BigInt(spoken)
    case 'byte':
    case 'short':
    case 'integer':
    case 'date':
    case 'float':
    case 'double':
      return Number(spoken)
    default:
      // A decimal at all digits of its scale; Java writes small ones with an exponent.
      return unscaledOf(spoken, type as string)
  }
}

function unscaledOf(text: string, type: string): bigint {
  const scale = Number(/,(\d+)\)/.exec(type)![1])
  const [mantissa, exponent = '0'] = text.split('E') as [string, string?]
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?]
  const shift = scale - fraction.length + Number(exponent)
  const digits = BigInt(`${whole}${fraction}`)
  return shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
}

/** The last but one also stands for the timestamp without a zone. */
function row(...values: readonly string[]): readonly string[] {
  return [...values.slice(0, 13), values[12]!, values[13]!]
}
