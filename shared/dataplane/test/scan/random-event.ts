import { stringColumns } from '@silt/contracts'
import { decimalOf, type DataType, type EncodeSpec, type StructField } from '@silt/core'
import { eventSchemaFor, planColumn } from '@silt/rows'
import {
  anyJson,
  dateText,
  epochJson,
  instantText,
  integerJson,
  maybeText,
  numberJson,
  stringJson,
} from './random-json.ts'
import type { Seeded } from './random.ts'

/** JSON of one event of the table, of what is seldom seen more than of what is common. Every third is wild: most of those have something unfit. */
export function randomEvent(random: Seeded, spec: EncodeSpec): string {
  const isWild = random.once(3)
  const { fields } = eventSchemaFor(spec.schema)
  const keyed = fields.filter(() => !random.once(3))
  const gap = random.once(3) ? random.pick([' ', '\n', '\t ', '\r\n    ']) : ''
  const members = (random.once(2) ? random.shuffled(keyed) : keyed)
    .filter((field) => (isWild ? !field.name.startsWith('_') || random.once(8) : isTaken(field)))
    .map(
      (field) =>
        `${keyJson(random, field.name)}${gap}:${gap}${isWild ? valueJson(random, field) : fitJson(random, field)}`,
    )
  if (random.once(8) && members.length > 0) members.push(random.pick(members))
  if (isWild && random.once(4))
    members.push(`${keyJson(random, random.pick(fields).name)}:${random.pick(['null', '1', '"x"', 'null'])}`)
  if (random.once(12)) members.unshift(`"unknown":${isWild ? random.pick(['null', '1', '{}']) : 'null'}`)
  return `${gap}{${gap}${members.join(`${gap},${gap}`)}${gap}}${gap}`
}

function keyJson(random: Seeded, name: string): string {
  const json = JSON.stringify(name)
  return random.once(400) && name.length > 0
    ? `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${JSON.stringify(name.slice(1)).slice(1)}`
    : json
}

function valueJson(random: Seeded, field: StructField): string {
  if (random.once(8)) return 'null'
  if (random.once(30)) return anyJson(random, 3)
  switch (field.type) {
    case 'double':
    case 'float':
      return maybeText(random, numberJson(random))
    case 'boolean':
      return random.pick(['true', 'false'])
    case 'timestamp':
      return random.once(4) ? epochJson(random) : `"${instantText(random)}"`
    case 'date':
      return `"${dateText(random)}"`
    case 'string':
      return textJson(random, field.name)
    default:
      return maybeText(random, random.once(8) ? numberJson(random) : integerJson(random, field.type))
  }
}

/** Whether the scanner takes values under the name: no partition column, key without escapes. */
function isTaken(field: StructField): boolean {
  return (
    planColumn(field) !== undefined && field.name !== 'event_date' && JSON.stringify(field.name) === `"${field.name}"`
  )
}

/** What the column takes as it is. */
function fitJson(random: Seeded, field: StructField): string {
  if (random.once(8)) return 'null'
  const quote = random.once(8) ? '"' : ''
  switch (field.type) {
    case 'double':
      return `${quote}${random.pick(fitDoubles)}${quote}`
    case 'float':
      return `${quote}${random.pick(fitFloats)}${quote}`
    case 'boolean':
      return random.pick(['true', 'false'])
    case 'timestamp':
      return random.once(8) ? random.pick(fitEpochs) : `"${random.pick(fitInstants)}"`
    case 'date':
      return random.pick(['"1900-01-01"', '"9999-12-31"', '"2000-02-29"', '"2026-11-20"'])
    case 'string':
      if (random.once(10)) return random.pick(['true', '-12.50', '0', '1e999', '12345678901234567890'])
      return columnsOfText.has(field.name) || random.once(2) ? stringJson(random) : anyJson(random, 3)
    default: {
      const [min, max] = integerBounds[typeof field.type === 'string' ? field.type : ''] ?? decimalBounds(field.type)
      const value = random.pick([
        min,
        max,
        0n,
        BigInt(random.below(100)) % (max + 1n),
        -(BigInt(random.below(100)) % (max + 1n)),
      ])
      return `${quote}${value}${random.once(6) ? random.pick(['.0', '.000', 'e0', '0e-1']) : ''}${quote}`
    }
  }
}

const columnsOfText = new Set(stringColumns.map((each) => each.name))
const fitDoubles = [
  '0',
  '-0',
  '0.1',
  '12.50',
  '-1.5',
  '1e5',
  '1E+2',
  '2.5e-3',
  '1e22',
  '1e-22',
  '0.000000000000001',
  '123456789012345',
  '-99999.9999999999',
  '0.1234567890123456',
  '1.7976931348623157e+308',
  '5e-324',
]
const fitFloats = ['0', '-0.0', '0.5', '-1.25e2', '16777216', '1e10']
const fitEpochs = [
  '1763600000.1234567',
  '-0.0000019',
  '1763600000123.4',
  '0',
  '-0',
  '1e9',
  '-2208988800',
  '99999999999',
  '100000000000',
  '99999999999999',
  '1750000000',
  '1750000000123',
]
const fitInstants = [
  '1900-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '1899-12-31T23:59:00-00:01',
  '2024-02-29 12:34:56.1',
  '2026-11-20T23:59:59.123Z',
  '2026-11-20t23:59:59.123456z',
  '2026-11-20T23:59:59.1234567+14:30',
  '2026-11-20T00:00:00-23:59',
]
const integerBounds: Readonly<Record<string, readonly [bigint, bigint]>> = {
  long: [-(2n ** 63n), 2n ** 63n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  short: [-32_768n, 32_767n],
  byte: [-128n, 127n],
}

function decimalBounds(type: DataType): readonly [bigint, bigint] {
  const { precision, scale } = decimalOf(type) ?? { precision: 1, scale: 0 }
  const max = 10n ** BigInt(Math.max(precision - scale, 0)) - 1n
  return [-max, max]
}

function textJson(random: Seeded, name: string): string {
  if (name === 'metadata' || random.once(12)) return random.once(3) ? stringJson(random) : anyJson(random, 3)
  if (random.once(10)) return random.pick(['true', 'false', integerJson(random, 'long'), numberJson(random)])
  return stringJson(random)
}
