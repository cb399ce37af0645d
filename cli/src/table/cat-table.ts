import { SiltError, type ObjectStore, type ParquetReader, type StructType } from '@silt/core'
import { decodePath, loadSnapshot, requireReadable, type AddAction } from '@silt/delta'

/** Prints rows as JSON lines, file by file, partition values and missing columns filled in. */
export async function catTable(
  store: ObjectStore,
  reader: ParquetReader,
  options: { readonly version?: number; readonly columns?: readonly string[]; readonly limit?: number },
  print: (line: string) => void,
): Promise<void> {
  const snapshot = await loadSnapshot(store, reader, options.version === undefined ? {} : { version: options.version })
  requireReadable(snapshot)
  const columns = chosenColumns(snapshot.schema, options.columns)
  let left = options.limit ?? Number.POSITIVE_INFINITY
  for (const add of snapshot.files.values()) {
    for await (const rows of fileRows(store, reader, add, columns)) {
      for (const row of rows) {
        if (left-- <= 0) return
        print(rowJson(row, add, columns, snapshot.schema))
      }
    }
  }
}

function chosenColumns(schema: StructType, wanted: readonly string[] | undefined): readonly string[] {
  const known = schema.fields.map((each) => each.name)
  const unknown = wanted?.filter((name) => !known.includes(name)) ?? []
  if (unknown.length > 0)
    throw new SiltError(
      'invalid',
      'table/unknown-column',
      `--columns names ${unknown.join(', ')}; the table has ${known.join(', ')}`,
    )
  return wanted ?? known
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
  yield* reader.rows(found.body, { columns: columns.filter((name) => !(name in add.partitionValues)) })
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
    printable[name] = name in add.partitionValues ? add.partitionValues[name] : printableValue(row[name] ?? null, type)
  }
  return JSON.stringify(printable)
}

function printableValue(value: unknown, type: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map((item) => printableValue(item, undefined))
  if (type === 'timestamp' || type === 'timestamp_ntz')
    return typeof value === 'bigint' ? isoMicros(value, type === 'timestamp') : value
  if (type === 'date')
    return typeof value === 'number' ? new Date(value * 86_400_000).toISOString().slice(0, 10) : value
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, printableValue(item, undefined)]))
  return value
}

function isoMicros(micros: bigint, zoned: boolean): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = (micros - fraction) / 1_000_000n
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `${whole}.${String(fraction).padStart(6, '0')}${zoned ? 'Z' : ''}`
}
