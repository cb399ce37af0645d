import { decimalOf, type DataType } from './schema.ts'

/**
 * A column's value as a partition value: text; bigint for long, timestamps (microseconds) and decimals (unscaled); number for narrower integers, dates
 * (days) and floating point; boolean.
 */
export type PartitionValue = string | bigint | number | boolean

/**
 * The text of a partition value in an add (Delta PROTOCOL § Partition Value Serialization): timestamps in UTC by ISO 8601, zoneless ones with a
 * space. Null for an empty text, which the protocol reads as null.
 */
export function partitionText(type: DataType, value: PartitionValue): string | null {
  switch (type) {
    case 'date':
      return isoDate(Number(value))
    case 'timestamp':
      return `${isoMicros(value as bigint, 'T')}Z`
    case 'timestamp_ntz':
      return isoMicros(value as bigint, ' ')
    case 'float':
    case 'double':
      return Object.is(value, -0) ? '-0.0' : String(value)
    default: {
      const decimal = decimalOf(type)
      const text = decimal === undefined ? String(value) : decimalText(value as bigint, decimal.scale)
      return text === '' ? null : text
    }
  }
}

/**
 * The value behind a partition value's text; null for null and for an empty text, undefined for one that is not of the type. Timestamps without a zone
 * are taken as UTC. Binary values are the text's code units as bytes.
 */
export function parsePartitionValue(
  type: DataType,
  text: string | null,
): PartitionValue | Uint8Array | null | undefined {
  if (text === null || text === '') return null
  switch (type) {
    case 'string':
      return text
    case 'binary':
      return Buffer.from(text, 'latin1')
    case 'boolean':
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined
    case 'long':
      return /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : undefined
    case 'integer':
    case 'short':
    case 'byte':
      return /^[+-]?\d{1,10}$/.test(text) ? Number(text) : undefined
    case 'float':
    case 'double':
      return parseFloating(text)
    case 'date':
      return parseDays(text)
    case 'timestamp':
    case 'timestamp_ntz':
      return parseMicros(text)
    default: {
      const decimal = decimalOf(type)
      return decimal === undefined ? undefined : parseDecimal(text, decimal.scale)
    }
  }
}

function isoDate(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10)
}

function isoMicros(micros: bigint, separator: string): string {
  const within = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const iso = new Date(Number((micros - within) / 1000n)).toISOString()
  const fraction = within === 0n ? '' : `.${String(within).padStart(6, '0')}`
  return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${fraction}`
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const sign = unscaled < 0n ? '-' : ''
  return scale <= 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function parseFloating(text: string): number | undefined {
  const special: Readonly<Record<string, number>> = { NaN: NaN, Infinity, '-Infinity': -Infinity, inf: Infinity }
  if (Object.hasOwn(special, text)) return special[text]
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

function parseDays(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(ms) ? undefined : ms / 86_400_000
}

const timestampPattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?$/

function parseMicros(text: string): bigint | undefined {
  const match = timestampPattern.exec(text)
  if (match === null) return undefined
  const ms = Date.parse(`${match[1]}T${match[2]}${match[4] ?? 'Z'}`)
  const fraction = (match[3] ?? '').slice(0, 6).padEnd(6, '0')
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1000n + BigInt(fraction)
}

function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text)
  if (match === null || `${match[2]}${match[3] ?? ''}` === '') return undefined
  const fraction = (match[3] ?? '').replace(/0+$/, '')
  if (fraction.length > Math.max(0, scale)) return undefined
  const unscaled = BigInt(`${match[2]}${fraction.padEnd(Math.max(0, scale), '0')}`)
  return match[1] === '-' ? -unscaled : unscaled
}
