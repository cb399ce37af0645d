import {
  decimalOf,
  parsePartitionValue,
  partitionText,
  SiltError,
  type DataType,
  type ObjectStore,
  type ParquetReader,
  type StructType,
} from '@silt/core'
import { columnMappingOf, decodePath, type AddAction, type Snapshot } from '@silt/delta'
import { isoDate, isoMicros } from './rows/row-json.ts'

/**
 * Rows as JSON lines without DuckDB, for images that leave it out: of tables whose files hold their rows as they are, which Silt's own do. Spelled as
 * `rowSpelling` does, but for timestamps within other values, which stay numbers. Throws `missing` for a table that needs more.
 */
export async function catTable(
  store: ObjectStore,
  reader: ParquetReader,
  snapshot: Snapshot,
  options: { readonly columns?: readonly string[]; readonly limit?: number },
  write: (lines: string) => Promise<void>,
  missing: Error,
): Promise<void> {
  if (!isPlain(snapshot)) throw missing
  const columns = options.columns ?? snapshot.schema.fields.map((each) => each.name)
  let left = options.limit ?? Number.POSITIVE_INFINITY
  for (const add of snapshot.files.values()) {
    for await (const rows of fileRows(store, reader, add, columns)) {
      const some = rows.slice(0, left)
      left -= some.length
      if (some.length > 0) await write(some.map((row) => `${rowJson(row, add, columns, snapshot.schema)}\n`).join(''))
      if (left <= 0) return
    }
  }
}

function isPlain(snapshot: Snapshot): boolean {
  const { protocol, files } = snapshot
  const features = new Set(protocol.readerFeatures)
  if (columnMappingOf(snapshot) !== undefined || features.has('typeWidening') || features.has('typeWidening-preview'))
    return false
  for (const add of files.values()) if (add.deletionVector !== undefined) return false
  return true
}

async function* fileRows(
  store: ObjectStore,
  reader: ParquetReader,
  add: AddAction,
  columns: readonly string[],
): AsyncIterable<readonly Readonly<Record<string, unknown>>[]> {
  const path = decodePath(add.path)
  const found = await store.get(path)
  if (found.kind === 'missing')
    throw new SiltError('data', 'table/file-missing', `${store.location}/${path} is in the log but not in the store`)
  yield* reader.rows(found.body, { columns: columns.filter((name) => !Object.hasOwn(add.partitionValues, name)) })
}

function rowJson(
  row: Readonly<Record<string, unknown>>,
  add: AddAction,
  columns: readonly string[],
  schema: StructType,
): string {
  const printable: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const name of columns) {
    const type = schema.fields.find((each) => each.name === name)?.type
    printable[name] = Object.hasOwn(add.partitionValues, name)
      ? partitionValue(add.partitionValues[name] ?? null, type)
      : printableValue(row[name] ?? null, type)
  }
  return JSON.stringify(printable)
}

function partitionValue(text: string | null, type: DataType | undefined): unknown {
  if (text === null || text === '') return null
  if (type === 'binary') return Buffer.from(text).toString('base64')
  const value = type === undefined ? undefined : parsePartitionValue(type, text)
  if (type === undefined || value === undefined || value === null || value instanceof Uint8Array) return text
  if (type === 'float') return printableValue(Math.fround(value as number), type)
  return decimalOf(type) === undefined ? printableValue(value, type) : partitionText(type, value)
}

function printableValue(value: unknown, type: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map((item) => printableValue(item, undefined))
  if (type === 'timestamp' || type === 'timestamp_ntz')
    return typeof value === 'bigint' ? `${isoMicros(value)}${type === 'timestamp' ? 'Z' : ''}` : value
  if (type === 'date') return typeof value === 'number' ? isoDate(value) : value
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, printableValue(item, undefined)]))
  return value
}
