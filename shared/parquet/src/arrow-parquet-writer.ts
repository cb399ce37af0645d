import { Table as ArrowTable, tableToIPC, type RecordBatch } from 'apache-arrow'
import { Compression, Table, WriterPropertiesBuilder, writeParquet, type WriterProperties } from 'parquet-wasm'
import {
  SiltError,
  type BytesVector,
  type ColumnBatch,
  type ParquetRow,
  type ParquetWriter,
  type StructType,
} from '@silt/core'
import { arrowBatch } from './arrow-batch.ts'
import { arrowRows } from './arrow-rows.ts'

export interface ArrowParquetWriterOptions {
  /** Rows in one row group at most; a reader holds a row group in memory. */
  readonly rowGroupRowsMax?: number
  /** Encoded bytes in one row group, roughly, at most. */
  readonly rowGroupBytesMax?: number
}

/**
 * The general Parquet encoder: any schema, through Arrow's IPC form and parquet-rs in WebAssembly.
 *
 * Files are zstd with page statistics, dictionary-encoded where that pays. The WebAssembly memory keeps its high-water mark, about
 * twice the Arrow size of the largest batch: bound batches, and run it in a thread that may be given up. Synchronous, no state between
 * calls; a failure is `parquet/encode-failed` (`internal`).
 */
export class ArrowParquetWriter implements ParquetWriter {
  readonly #rowGroupRowsMax: number
  readonly #rowGroupBytesMax: number

  constructor(options: ArrowParquetWriterOptions = {}) {
    this.#rowGroupRowsMax = options.rowGroupRowsMax ?? 131_072
    this.#rowGroupBytesMax = options.rowGroupBytesMax ?? 128 * 1024 * 1024
  }

  encode(batch: ColumnBatch): Uint8Array {
    return this.#write(arrowBatch(batch), columnsWithoutRepeats(batch))
  }

  encodeRows(schema: StructType, rows: readonly ParquetRow[]): Uint8Array {
    return this.#write(arrowRows(schema, rows), [])
  }

  #write(batch: RecordBatch, plainColumns: readonly string[]): Uint8Array {
    const ipc = tableToIPC(new ArrowTable([batch]), 'stream')
    let table: Table | undefined
    let properties: WriterProperties | undefined
    try {
      table = Table.fromIPCStream(ipc)
      properties = this.#properties(plainColumns)
      // The call takes both over, also when it fails: from here on they must not be freed again.
      const [ownedTable, ownedProperties] = [table, properties]
      table = undefined
      properties = undefined
      return writeParquet(ownedTable, ownedProperties)
    } catch (cause) {
      throw new SiltError('internal', 'parquet/encode-failed', `Parquet encoding failed: ${String(cause)}`, {
        cause,
        context: { rowCount: batch.numRows },
      })
    } finally {
      table?.free()
      properties?.free()
    }
  }

  /** Made anew for every file: a second use would silently write uncompressed defaults. */
  #properties(plainColumns: readonly string[]): WriterProperties {
    let builder = new WriterPropertiesBuilder()
      .setCompression(Compression.ZSTD)
      .setDictionaryEnabled(true)
      .setMaxRowGroupSize(this.#rowGroupRowsMax)
      .setMaxRowGroupBytes(this.#rowGroupBytesMax)
      .setCreatedBy('silt')
    for (const column of plainColumns) builder = builder.setColumnDictionaryEnabled(column, false)
    return builder.build()
  }
}

const sampleValuesMax = 256

/** Columns a dictionary only slows down: 64-bit values that hardly repeat, and long texts that are all different in a sample. */
function columnsWithoutRepeats(batch: ColumnBatch): string[] {
  const names: string[] = []
  batch.schema.fields.forEach((field, index) => {
    const vector = batch.columns[index]
    if (vector === undefined || batch.rowCount < sampleValuesMax) return
    const plain =
      vector.kind === 'long' || vector.kind === 'timestamp' || (vector.kind === 'string' && isLongAndDistinct(vector))
    if (plain) names.push(field.name)
  })
  return names
}

function isLongAndDistinct(vector: BytesVector): boolean {
  const presentCount = vector.length - vector.nullCount
  if ((vector.offsets[vector.length] ?? 0) < 48 * presentCount) return false
  const stride = Math.max(1, Math.floor(vector.length / sampleValuesMax))
  const seen = new Set<string>()
  let sampled = 0
  for (let slot = 0; slot < vector.length && sampled < sampleValuesMax; slot += stride) {
    const start = vector.offsets[slot] ?? 0
    const end = vector.offsets[slot + 1] ?? 0
    if (end === start) continue
    sampled++
    seen.add(Buffer.from(vector.bytes.buffer, vector.bytes.byteOffset + start, end - start).toString('latin1'))
  }
  return seen.size > 0.95 * sampled
}
