import { decimalOf, type DataType, type StructType } from '@silt/core'

/** The `stats` of a file as a value of `stats_parsed`'s type; members that do not fit are left out, as statistics may be. Pure. */
export function typedStatistic(type: StructType, text: string): Record<string, unknown> | undefined {
  try {
    return structOf(type, exactJson(text))
  } catch {
    return undefined
  }
}

/** A partition value's text (§ Partition Value Serialization) as a value of its type; undefined for one that is none, or no certain one. Pure. */
export function typedPartitionValue(type: DataType, text: string): unknown {
  switch (type) {
    case 'string':
      return text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'timestamp':
      // Without a zone it is of the session that wrote it, which nobody knows.
      return text.endsWith('Z') ? micros(text) : undefined
    default:
      return typed(type, text)
  }
}

function structOf({ fields }: StructType, value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const record: Record<string, unknown> = {}
  for (const { name, type } of fields) {
    const each = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
    if (each === null || each === undefined) continue
    record[name] = typeof type === 'object' && type.type === 'struct' ? structOf(type, each) : typed(type, each)
  }
  return record
}

/** Numbers beyond what doubles hold exactly arrive as their text. */
function exactJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ) => unknown
  return parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined && source.length > 15 ? source : value,
  )
}

function typed(type: DataType, value: unknown): unknown {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'long':
      return whole(value, 64)
    case 'integer':
      return wholeNumber(value, 32)
    case 'short':
      return wholeNumber(value, 16)
    case 'byte':
      return wholeNumber(value, 8)
    case 'float':
    case 'double': {
      const number = Number(value)
      return Number.isNaN(number) ? undefined : number
    }
    case 'date': {
      const days = /^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? Date.parse(`${value}T00:00:00Z`) / 86_400_000 : NaN
      return Number.isInteger(days) ? days : undefined
    }
    case 'timestamp':
      return micros(String(value))
    default:
      return unscaled(type, String(value))
  }
}

function whole(value: number | string, bits: number): bigint | undefined {
  if (!/^-?\d{1,20}$/.test(String(value))) return undefined
  const number = BigInt(value)
  return BigInt.asIntN(bits, number) === number ? number : undefined
}

function wholeNumber(value: number | string, bits: number): number | undefined {
  const number = whole(value, bits)
  return number === undefined ? undefined : Number(number)
}

function micros(text: string): bigint | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2})(?:\.(\d{1,6})\d*)?(Z|[+-]\d{2}:\d{2})$/.exec(text)
  if (match === null) return undefined
  const [, seconds = '', fraction = '', zone = ''] = match
  const ms = Date.parse(`${seconds.replace(' ', 'T')}${zone}`)
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

function unscaled(type: DataType, text: string): bigint | undefined {
  const decimal = decimalOf(type)
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (decimal === undefined || match === null) return undefined
  const [, sign = '', integer = '', fraction = ''] = match
  if (fraction.length > decimal.scale && /[^0]/.test(fraction.slice(decimal.scale))) return undefined
  const digits = integer + fraction.slice(0, decimal.scale).padEnd(decimal.scale, '0')
  const value = BigInt(sign + digits)
  return digits.replace(/^0+/, '').length <= decimal.precision ? value : undefined
}
