import {
  batchesOfRows,
  decimalOf,
  SiltError,
  valueAt,
  type ByteSource,
  type ColumnBatch,
  type ColumnVector,
  type DataType,
  type OpenParquetFile,
  type ParquetFileWriter,
  type ParquetReader,
  type ParquetRow,
  type ParquetWriter,
  type StructType,
} from '@silt/core'

/** Where a row came from, as its file says; a row of another engine without provenance has no place. */
export interface Place {
  readonly topicId: string
  readonly partition: number
  readonly offset: number
  readonly sessionId: string | undefined
}

/**
 * Parquet inside one simulation: a body is a ticket, the rows stay in this instance.
 *
 *     body = "PAR1" id:uint32le length:uint32le *( %x00 ) "PAR1"
 *
 * `rows` gives what a real reader would give of a real writer's file. Same calls, same bodies. A body of another instance, or a damaged one, is
 * `parquet/unreadable` (`data`). Memory: all that was encoded.
 */
export class SimParquet implements ParquetWriter, ParquetFileWriter, ParquetReader {
  readonly #files: SimFile[] = []

  encode(batch: ColumnBatch): Uint8Array {
    const columns = batch.columns.map(copyVector)
    const { schema, rowCount } = batch
    return this.#body(new BatchFile({ schema, rowCount, columns }), batchBytes(columns))
  }

  encodeRows(schema: StructType, rows: readonly ParquetRow[]): Uint8Array {
    const read = rows.map((row) => readStruct(row, schema))
    return this.#body(new RowsFile(schema, read), rows.length * schema.fields.length * 16)
  }

  open(schema: StructType): OpenParquetFile {
    const rows: ParquetRow[] = []
    return {
      sizeBytes: 0,
      write: ({ rowCount, columns }) => {
        for (let row = 0; row < rowCount; row++) rows.push(rowAt(schema, columns, row))
      },
      endRowGroup: () => undefined,
      finish: () => this.encodeRows(schema, rows),
    }
  }

  async *rows(
    file: Uint8Array,
    options: { readonly columns?: readonly string[] } = {},
  ): AsyncIterable<readonly ParquetRow[]> {
    const { schema, rows } = this.#file(file)
    if (rows.length === 0) return
    const wanted = options.columns ?? schema.fields.map((each) => each.name)
    yield rows.map((row) => Object.fromEntries(wanted.map((name) => [name, row[name] ?? null])))
  }

  async *batches(source: ByteSource, schema: StructType): AsyncIterable<ColumnBatch> {
    const file = await source.read(0, source.sizeBytes)
    yield* batchesOfRows(schema, this.rows(file, { columns: schema.fields.map(({ name }) => name) }))
  }

  /** The rows' places in the file's order, without making rows; one array for every call with the same file. */
  placesOf(body: Uint8Array): readonly Place[] {
    return this.#file(body).places
  }

  /** Without the table's partition columns, as in a real file. */
  schemaOf(body: Uint8Array): StructType {
    return this.#file(body).schema
  }

  rowCount(body: Uint8Array): number {
    return this.#file(body).rowCount
  }

  #body(file: SimFile, contentBytes: number): Uint8Array {
    const body = new Uint8Array(emptyFileBytes + Math.ceil(contentBytes / compressionFactor))
    const view = new DataView(body.buffer)
    body.set(magic, 0)
    view.setUint32(4, this.#files.push(file) - 1, true)
    view.setUint32(8, body.length, true)
    body.set(magic, body.length - magic.length)
    return body
  }

  #file(body: Uint8Array): SimFile {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    const isTicket =
      body.length >= emptyFileBytes &&
      view.getUint32(8, true) === body.length &&
      hasMagic(body, 0) &&
      hasMagic(body, body.length - magic.length)
    const file = isTicket ? this.#files[view.getUint32(4, true)] : undefined
    if (file === undefined)
      throw new SiltError('data', 'parquet/unreadable', 'no file that this simulation has encoded')
    return file
  }
}

const magic = new TextEncoder().encode('PAR1')
const emptyFileBytes = 256
const compressionFactor = 4

function hasMagic(body: Uint8Array, at: number): boolean {
  return magic.every((byte, index) => body[at + index] === byte)
}

interface SimFile {
  readonly schema: StructType
  readonly rowCount: number
  readonly rows: readonly ParquetRow[]
  readonly places: readonly Place[]
}

class BatchFile implements SimFile {
  readonly #batch: ColumnBatch
  #rows: readonly ParquetRow[] | undefined
  #places: readonly Place[] | undefined

  constructor(batch: ColumnBatch) {
    this.#batch = batch
  }

  get schema(): StructType {
    return this.#batch.schema
  }

  get rowCount(): number {
    return this.#batch.rowCount
  }

  get rows(): readonly ParquetRow[] {
    const { schema, columns, rowCount } = this.#batch
    this.#rows ??= Array.from({ length: rowCount }, (_, row) =>
      Object.fromEntries(schema.fields.map(({ name, type }, index) => [name, slotValue(columns[index]!, row, type)])),
    )
    return this.#rows
  }

  get places(): readonly Place[] {
    this.#places ??= placesOfRows(this.#batch.rowCount, (name) => {
      const index = this.#batch.schema.fields.findIndex((each) => each.name === name)
      const vector = this.#batch.columns[index]
      const type = this.#batch.schema.fields[index]?.type
      return vector === undefined || type === undefined ? () => null : (row) => slotValue(vector, row, type)
    })
    return this.#places
  }
}

function rowAt(schema: StructType, columns: readonly ColumnVector[], row: number): ParquetRow {
  return Object.fromEntries(
    schema.fields.map(({ name, type }, index) => [name, valueAt(columns[index] as ColumnVector, type, row) ?? null]),
  )
}

class RowsFile implements SimFile {
  readonly schema: StructType
  readonly rows: readonly ParquetRow[]
  #places: readonly Place[] | undefined

  constructor(schema: StructType, rows: readonly ParquetRow[]) {
    this.schema = schema
    this.rows = rows
  }

  get rowCount(): number {
    return this.rows.length
  }

  get places(): readonly Place[] {
    this.#places ??= placesOfRows(this.rowCount, (name) => (row) => this.rows[row]?.[name] ?? null)
    return this.#places
  }
}

function placesOfRows(rowCount: number, column: (name: string) => (row: number) => unknown): readonly Place[] {
  const [topicIds, partitions, offsets, sessions] = [
    column('_topic_id'),
    column('_partition'),
    column('_offset'),
    column('session_id'),
  ]
  const places: Place[] = []
  for (let row = 0; row < rowCount; row++) {
    const offset = offsets(row)
    if (offset === null) continue
    const sessionId = sessions(row) as string | null
    const topicId = (topicIds(row) as string | null) ?? ''
    places.push({
      topicId,
      partition: partitions(row) as number,
      offset: Number(offset),
      sessionId: sessionId ?? undefined,
    })
  }
  return places
}

function slotValue(vector: ColumnVector, slot: number, type: DataType): unknown {
  if (vector.nullCount > 0 && (vector.validity![slot >> 3]! & (1 << (slot & 7))) === 0) return null
  switch (vector.kind) {
    case 'string':
      return textDecoder.decode(vector.bytes.subarray(vector.offsets[slot], vector.offsets[slot + 1]))
    case 'binary':
      return vector.bytes.slice(vector.offsets[slot], vector.offsets[slot + 1])
    case 'boolean':
      return vector.values[slot] === 1
    case 'double':
      return type === 'float' ? Math.fround(vector.values[slot]!) : vector.values[slot]
    case 'long': {
      const decimal = decimalOf(type)
      return decimal === undefined ? vector.values[slot] : decimalText(vector.values[slot]!, decimal.scale)
    }
    case 'timestamp':
    case 'integer':
    case 'date':
      return vector.values[slot]
    case 'list': {
      const elementType = (type as { readonly elementType: DataType }).elementType
      const [start, end] = [vector.offsets[slot]!, vector.offsets[slot + 1]!]
      return Array.from({ length: end - start }, (_, index) => slotValue(vector.child, start + index, elementType))
    }
    case 'struct':
      return Object.fromEntries(
        (type as StructType).fields.map((each, index) => [
          each.name,
          slotValue(vector.children[index]!, slot, each.type),
        ]),
      )
  }
}

const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A value handed to `encodeRows` as a reader gives it back. */
function readValue(value: unknown, type: DataType): unknown {
  if (value === undefined || value === null) return null
  if (typeof type !== 'string') {
    if (type.type === 'struct') return readStruct(value as ParquetRow, type)
    if (type.type === 'array') return (value as readonly unknown[]).map((each) => readValue(each, type.elementType))
    const entries = value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value)
    return Object.fromEntries(entries.map(([key, each]) => [key, readValue(each, type.valueType)]))
  }
  if (type === 'long' || type === 'timestamp' || type === 'timestamp_ntz') return BigInt(value as number | bigint)
  if (type === 'binary') return (value as Uint8Array).slice()
  const decimal = decimalOf(type)
  return decimal !== undefined && typeof value === 'bigint' ? decimalText(value, decimal.scale) : value
}

function readStruct(value: ParquetRow, type: StructType): ParquetRow {
  const read: Record<string, unknown> = {}
  for (const each of type.fields) read[each.name] = readValue(value[each.name], each.type)
  return read
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const [whole, fraction] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale)]
  return `${unscaled < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** Inputs are not kept: the decoder may use its buffers again. */
function copyVector(vector: ColumnVector): ColumnVector {
  const validity = vector.validity === undefined ? {} : { validity: vector.validity.slice(0, (vector.length + 7) >> 3) }
  switch (vector.kind) {
    case 'string':
    case 'binary':
      return {
        ...vector,
        ...validity,
        offsets: vector.offsets.slice(0, vector.length + 1),
        bytes: vector.bytes.slice(0, vector.offsets[vector.length]),
      }
    case 'list':
      return {
        ...vector,
        ...validity,
        offsets: vector.offsets.slice(0, vector.length + 1),
        child: copyVector(vector.child),
      }
    case 'struct':
      return { ...vector, ...validity, children: vector.children.map(copyVector) }
    case 'long':
    case 'timestamp':
      return { ...vector, ...validity, values: vector.values.slice(0, vector.length) }
    case 'integer':
    case 'date':
      return { ...vector, ...validity, values: vector.values.slice(0, vector.length) }
    case 'double':
      return { ...vector, ...validity, values: vector.values.slice(0, vector.length) }
    case 'boolean':
      return { ...vector, ...validity, values: vector.values.slice(0, vector.length) }
  }
}

function batchBytes(columns: readonly ColumnVector[]): number {
  let bytes = 0
  for (const vector of columns) bytes += 'bytes' in vector ? vector.bytes.length : 4 * vector.length
  return bytes
}
