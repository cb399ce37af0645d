import { parquetMetadata, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'
import type { FileMetaData, ParquetParsers, SchemaTree } from 'hyparquet'
import {
  batchesOfRows,
  SiltError,
  type ByteSource,
  type ColumnBatch,
  type ParquetReader,
  type ParquetRow,
  type StructType,
} from '@silt/core'
import { columnTree } from './columns/column-tree.ts'
import { compressors } from './columns/inflate.ts'
import { canReadBatches, readBatches } from './columns/read-batches.ts'

/**
 * Reads Parquet of any writer, one row group in memory at a time.
 *
 * `long` is bigint (narrower integers number), `timestamp` bigint microseconds (INT96 and other units too, cut to microseconds), `date` days,
 * `decimal` its exact text, `binary` bytes, `map` a plain object, absent null. A column the file lacks reads as null.
 * A file that is not Parquet, or is damaged, is `parquet/unreadable` (`data`).
 */
export class HyparquetReader implements ParquetReader {
  async *rows(
    file: Uint8Array,
    options: { readonly columns?: readonly string[] } = {},
  ): AsyncIterable<readonly ParquetRow[]> {
    const source = asyncBuffer(file)
    const metadata = await readable(() => parquetMetadataAsync(source, { parsers, geoparquet: false }))
    const tree = await readable(async () => parquetSchema(metadata))
    const present = tree.children.map((child) => child.element.name)
    const wanted = options.columns ?? present
    const columns = wanted.filter((name) => present.includes(name))
    const normalizers = new Map(tree.children.map((child) => [child.element.name, normalizer(child)] as const))
    const raw = withoutDecimals(metadata)

    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rowCount = Number(group.num_rows)
      const rowEnd = rowStart + rowCount
      const read =
        columns.length === 0
          ? Array.from({ length: rowCount }, () => ({}))
          : await readable(() =>
              parquetReadObjects({
                file: source,
                metadata: raw,
                columns,
                rowStart,
                rowEnd,
                compressors,
                parsers,
                utf8: false,
                geoparquet: false,
              }),
            )
      yield read.map((row: Readonly<Record<string, unknown>>) => normalizedRow(row, wanted, normalizers))
      rowStart = rowEnd
    }
  }

  async *batches(source: ByteSource, schema: StructType): AsyncIterable<ColumnBatch> {
    const metadata = await readable(() => parquetMetadataAsync(asyncSource(source), { parsers, geoparquet: false }))
    const nodes = await readable(async () => columnTree(parquetSchema(metadata), schema))
    if (nodes === undefined || !canReadBatches(metadata, nodes)) {
      yield* this.#batchesOfRows(source, schema)
      return
    }
    try {
      yield* readBatches(source, metadata, schema, nodes)
    } catch (cause) {
      throw cause instanceof SiltError ? cause : unreadable(cause)
    }
  }

  /** What the columns' own reader does not know is read row by row, in memory as a whole. */
  async *#batchesOfRows(source: ByteSource, schema: StructType): AsyncGenerator<ColumnBatch> {
    const file = await source.read(0, source.sizeBytes)
    yield* batchesOfRows(schema, this.rows(file, { columns: schema.fields.map(({ name }) => name) }))
  }
}

function asyncSource(source: ByteSource) {
  return {
    byteLength: source.sizeBytes,
    slice: async (start: number, end = source.sizeBytes): Promise<ArrayBuffer> => {
      const bytes = await source.read(Math.max(0, start), end)
      return new Uint8Array(bytes).buffer
    },
  }
}

/** Rows of a Parquet file by its footer alone. `parquet/unreadable` (`data`) if there is none. */
export function footerRowCount(file: Uint8Array): number {
  try {
    return Number(parquetMetadata(arrayBufferOf(file, 0, file.byteLength), { geoparquet: false }).num_rows)
  } catch (cause) {
    throw unreadable(cause)
  }
}

const parsers: ParquetParsers = {
  timestampFromMilliseconds: (millis) => BigInt(millis) * 1000n,
  timestampFromMicroseconds: (micros) => BigInt(micros),
  timestampFromNanoseconds: (nanos) => floorDivide(BigInt(nanos), 1000n),
  dateFromDays: (days) => days,
  stringFromBytes: (bytes) => text(bytes),
  jsonFromBytes: (bytes) => text(bytes),
  geometryFromBytes: (bytes) => bytes,
  geographyFromBytes: (bytes) => bytes,
  uuidFromBytes: (bytes) => bytes,
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  return value % divisor < 0n ? quotient - 1n : quotient
}

function asyncBuffer(file: Uint8Array) {
  return {
    byteLength: file.byteLength,
    slice: (start: number, end = file.byteLength): ArrayBuffer => arrayBufferOf(file, start, end),
  }
}

function arrayBufferOf(file: Uint8Array, start: number, end: number): ArrayBuffer {
  return new Uint8Array(file.subarray(start, end)).buffer
}

async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw unreadable(cause)
  }
}

function unreadable(cause: unknown): SiltError {
  return new SiltError('data', 'parquet/unreadable', `not a readable Parquet file: ${String(cause)}`, { cause })
}

/** The library turns decimals into doubles; without their annotation they arrive as the integers they are stored as. */
function withoutDecimals(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    if (element.converted_type !== 'DECIMAL' && element.logical_type?.type !== 'DECIMAL') return element
    const { converted_type: _converted, logical_type: _logical, ...rest } = element
    return rest
  })
  return { ...metadata, schema }
}

type Normalizer = (value: unknown) => unknown

function normalizedRow(
  row: Readonly<Record<string, unknown>>,
  wanted: readonly string[],
  normalizers: ReadonlyMap<string, Normalizer>,
): ParquetRow {
  const normalized: Record<string, unknown> = {}
  for (const name of wanted) normalized[name] = normalizers.get(name)?.(row[name]) ?? null
  return normalized
}

/** Absent as null at every level, decimals as exact text. */
function normalizer(tree: SchemaTree): Normalizer {
  const { element } = tree
  if (tree.children.length === 0) {
    const isDecimal = element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL'
    const scale = element.scale ?? (element.logical_type?.type === 'DECIMAL' ? element.logical_type.scale : 0)
    const one = isDecimal ? (value: unknown) => decimalText(value, scale) : (value: unknown) => value ?? null
    return element.repetition_type === 'REPEATED' ? repeated(one) : one
  }
  if (element.converted_type === 'LIST' || element.logical_type?.type === 'LIST') {
    const group = tree.children[0]
    const item = group?.children.length === 1 ? group.children[0] : group
    return item === undefined ? (value) => value : repeated(normalizer(item))
  }
  if (['MAP', 'MAP_KEY_VALUE'].includes(element.converted_type ?? '') || element.logical_type?.type === 'MAP') {
    const valueTree = tree.children[0]?.children[1]
    return fieldsOf(() => (valueTree === undefined ? (value: unknown) => value : normalizer(valueTree)))
  }
  const byName = new Map(tree.children.map((child) => [child.element.name, normalizer(child)] as const))
  const group = fieldsOf((name) => byName.get(name) ?? ((value) => value))
  return element.repetition_type === 'REPEATED' ? repeated(group) : group
}

function repeated(item: Normalizer): Normalizer {
  return (value) => (value === null || value === undefined ? null : Array.from(value as ArrayLike<unknown>, item))
}

function fieldsOf(normalizerFor: (name: string) => Normalizer): Normalizer {
  return (value) => {
    if (value === null || value === undefined) return null
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, normalizerFor(name)(each)]))
  }
}

function decimalText(value: unknown, scale: number): string | null {
  if (value === null || value === undefined) return null
  const unscaled = value instanceof Uint8Array ? signedBigEndian(value) : BigInt(value as bigint | number)
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = scale === 0 ? '' : `.${digits.slice(digits.length - scale)}`
  return `${unscaled < 0n ? '-' : ''}${whole}${fraction}`
}

function signedBigEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}
