import {
  physicalSchema,
  SiltError,
  statisticsColumns,
  type ColumnBatch,
  type EncodedFile,
  type EncodedUnit,
  type EncodeSession,
  type EncodeSpec,
  type OffsetRange,
  type ParquetWriter,
  type RecordSlab,
  type StatisticsColumns,
  type StructType,
  type UnitEncoder,
} from '@silt/core'
import { ArrowParquetWriter, deltaStats } from '@silt/parquet'
import { createRowDecoder, type RowDecoder, type RowDecoderLimits } from '@silt/rows'

/** Decodes and encodes on the calling thread, record by record: what a process apart runs, wide tables in threads, and tests. */
export class InlineEncoder implements UnitEncoder {
  readonly #writer: ParquetWriter
  readonly #limits: RowDecoderLimits

  constructor(limits: RowDecoderLimits = {}, writer: ParquetWriter = new ArrowParquetWriter()) {
    this.#limits = limits
    this.#writer = writer
  }

  open(spec: EncodeSpec): Promise<EncodeSession> {
    return Promise.resolve(new InlineSession(spec, createRowDecoder(spec, this.#limits), this.#writer))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

class InlineSession implements EncodeSession {
  #decoder: RowDecoder | undefined
  readonly #spec: EncodeSpec
  readonly #writer: ParquetWriter

  constructor(spec: EncodeSpec, decoder: RowDecoder, writer: ParquetWriter) {
    this.#spec = spec
    this.#decoder = decoder
    this.#writer = writer
  }

  push(slab: RecordSlab): Promise<'more' | 'full'> {
    const decoder = this.#open()
    decoder.push(slab)
    return Promise.resolve(decoder.fullAt === undefined ? 'more' : 'full')
  }

  condemn(slab: RecordSlab, detail: string): Promise<void> {
    this.#open().condemn(slab, 'crashes-decoder', detail)
    return Promise.resolve()
  }

  finish(ranges: readonly OffsetRange[]): Promise<EncodedUnit> {
    const unit = this.#open().finish(ranges)
    this.#decoder = undefined
    const { schema, counts, parts, deadLetters } = unit
    const statistics = this.#statistics(schema)
    return Promise.resolve({
      schema,
      counts,
      files: parts.map(({ partitionValues, batch }) => this.#file(partitionValues, this.#physical(batch), statistics)),
      deadLetterFiles: deadLetters === undefined || deadLetters.rowCount === 0 ? [] : [this.#file({}, deadLetters)],
    })
  }

  abandon(): void {
    this.#decoder = undefined
  }

  #open(): RowDecoder {
    if (this.#decoder !== undefined) return this.#decoder
    throw new SiltError('internal', 'encoder/session-ended', 'the session was finished or abandoned')
  }

  #physical(batch: ColumnBatch): ColumnBatch {
    return { ...batch, schema: physicalSchema(batch.schema, this.#spec.layout?.columnMapping) }
  }

  #statistics(unitSchema: StructType): StatisticsColumns | undefined {
    const { layout, partitionColumns } = this.#spec
    if (layout?.statistics === undefined) return undefined
    return statisticsColumns(unitSchema, partitionColumns, layout.statistics, layout.columnMapping)
  }

  #file(
    partitionValues: EncodedFile['partitionValues'],
    batch: ColumnBatch,
    statistics?: StatisticsColumns,
  ): EncodedFile {
    const stats = deltaStats(batch, statistics)
    return { partitionValues, bytes: this.#writer.encode(batch), rowCount: batch.rowCount, stats }
  }
}
