import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'

/** How a value of one type is written as JSON. */
type Spelling = (value: DuckDBValue) => string

/**
 * One JSON object a row, in the order of the columns: integers and decimals exact (those beyond 2^53, and all decimals, as text), timestamps as ISO text
 * with microseconds (`Z` where they are points in time), dates as ISO text, binary as base64, NaN and the infinities as text, maps as objects.
 */
export function rowSpelling(
  names: readonly string[],
  types: readonly DuckDBType[],
): (row: readonly DuckDBValue[]) => string {
  const columns = types.map((type, index) => ({
    key: `${index === 0 ? '' : ','}${JSON.stringify(names[index])}:`,
    spell: spellingOf(type),
  }))
  return (row) => {
    let line = '{'
    columns.forEach(({ key, spell }, index) => {
      line += key + spell(row[index] ?? null)
    })
    return `${line}}`
  }
}

function spellingOf(type: DuckDBType): Spelling {
  const spell = spellingOfPresent(type)
  return (value) => (value === null ? 'null' : spell(value))
}

function spellingOfPresent(type: DuckDBType): Spelling {
  if ('entryNames' in type && 'entryTypes' in type) {
    const fields = type.entryNames.map((name, index) => ({
      name,
      key: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
      spell: spellingOf(type.entryTypes[index] as DuckDBType),
    }))
    return (value) => {
      const { entries } = value as unknown as { readonly entries: Readonly<Record<string, DuckDBValue>> }
      return `{${fields.map(({ name, key, spell }) => key + spell(entries[name] ?? null)).join('')}}`
    }
  }
  if ('keyType' in type) {
    const key = spellingOf(type.keyType)
    const spell = spellingOf(type.valueType)
    return (value) => {
      const { entries } = value as unknown as { readonly entries: readonly { key: DuckDBValue; value: DuckDBValue }[] }
      return `{${entries.map((each) => `${asKey(key(each.key))}:${spell(each.value)}`).join(',')}}`
    }
  }
  if ('valueType' in type) {
    const spell = spellingOf(type.valueType)
    return (value) => {
      const { items } = value as unknown as { readonly items: readonly DuckDBValue[] }
      return `[${items.map(spell).join(',')}]`
    }
  }
  return leafSpellings[String(type).replace(/\(.*\)$/, '')] ?? ((value) => JSON.stringify(String(value)))
}

const asNumber: Spelling = (value) => JSON.stringify(value)

const asInteger: Spelling = (value) => {
  const exact = value as bigint
  return exact >= -9007199254740991n && exact <= 9007199254740991n ? exact.toString() : `"${exact}"`
}

const asFloat: Spelling = (value) => (Number.isFinite(value) ? JSON.stringify(value) : `"${String(value)}"`)

const leafSpellings: Readonly<Record<string, Spelling>> = {
  BOOLEAN: asNumber,
  TINYINT: asNumber,
  SMALLINT: asNumber,
  INTEGER: asNumber,
  UTINYINT: asNumber,
  USMALLINT: asNumber,
  UINTEGER: asNumber,
  BIGINT: asInteger,
  UBIGINT: asInteger,
  HUGEINT: asInteger,
  UHUGEINT: asInteger,
  FLOAT: asFloat,
  DOUBLE: asFloat,
  VARCHAR: (value) => JSON.stringify(value),
  BLOB: (value) =>
    JSON.stringify(Buffer.from((value as unknown as { readonly bytes: Uint8Array }).bytes).toString('base64')),
  DATE: (value) => `"${isoDate((value as unknown as { readonly days: number }).days)}"`,
  TIMESTAMP: (value) => `"${isoMicros(microsOf(value))}"`,
  'TIMESTAMP WITH TIME ZONE': (value) => `"${isoMicros(microsOf(value))}Z"`,
}

function microsOf(value: DuckDBValue): bigint {
  return (value as unknown as { readonly micros: bigint }).micros
}

/** A key of an object is text. */
function asKey(json: string): string {
  return json.startsWith('"') ? json : JSON.stringify(json)
}

/** Days since 1970 as `YYYY-MM-DD`, with a sign and more digits for years that need them. */
export function isoDate(days: number): string {
  // Beyond the days that a Date knows.
  if (Math.abs(days) > 100_000_000) return `${days} days`
  return new Date(days * 86_400_000).toISOString().replace(/T.*$/, '')
}

/** `YYYY-MM-DDTHH:MM:SS.ffffff` of microseconds since 1970. */
export function isoMicros(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const milliseconds = Number((micros - fraction) / 1000n)
  // Beyond the years that a Date knows.
  if (Math.abs(milliseconds) > 8.64e15) return `${micros} us`
  return `${new Date(milliseconds).toISOString().slice(0, -5)}.${String(fraction).padStart(6, '0')}`
}
