import { SiltError, type ColumnBatch, type ParquetRow, type ParquetWriter, type StructType } from '@silt/core'
import { Engine } from '../wasm/engine.ts'
import { importBatch } from './batch-import.ts'
import { FileBuilder, type BuiltFile } from './file-builder.ts'
import { rowVectors } from './row-vectors.ts'
import { parquetSettings, type ParquetSettings } from './settings.ts'

/**
 * The plane as Parquet encoder of batches and rows: every Delta type, statistics and Delta `stats` from the same pass.
 *
 * Synchronous, no state between calls but an engine, given or its own, which the next call takes again. It is let go once it trapped or a file made it
 * touch more than `touchedBytesMax` (default: half of its memory), and the next call begins with a new one.
 *
 * What it throws: `parquet/unsupported-type` (unsupported), `parquet/value-does-not-fit` and `parquet/invalid-settings` (invalid), what `loadPlane`
 * throws, `parquet/encode-failed` (internal): the plane trapped, its memory being full.
 */
export class PlaneParquetWriter implements ParquetWriter {
  readonly #settings: ParquetSettings
  readonly #touchedBytesMax: number | undefined
  #engine: Engine | undefined

  constructor(settings: Partial<ParquetSettings> = {}, engine?: Engine, touchedBytesMax?: number) {
    this.#settings = parquetSettings(settings)
    this.#engine = engine
    this.#touchedBytesMax = touchedBytesMax
  }

  encode(batch: ColumnBatch): Uint8Array {
    return this.encodeFile(batch).bytes
  }

  encodeRows(schema: StructType, rows: readonly ParquetRow[]): Uint8Array {
    return this.#build(schema, (engine, file) => this.#import(engine, file, rowVectors(schema, rows))).bytes
  }

  /** The file, and the Delta statistics that came with it. */
  encodeFile(batch: ColumnBatch): BuiltFile {
    return this.#build(batch.schema, (engine, file) => this.#import(engine, file, batch))
  }

  #import(engine: Engine, file: FileBuilder, batch: Parameters<typeof importBatch>[2]): void {
    importBatch(engine, file, batch, this.#settings.pageRowsMax)
  }

  #build(schema: StructType, fill: (engine: Engine, file: FileBuilder) => void): BuiltFile {
    const engine = (this.#engine ??= new Engine())
    // Until the file is whole, whatever throws may have left the engine half way.
    this.#engine = undefined
    try {
      const file = new FileBuilder(engine, schema, this.#settings)
      fill(engine, file)
      const built = file.finish()
      if (engine.touchedBytes <= (this.#touchedBytesMax ?? engine.bytes.length / 2)) this.#engine = engine
      return built
    } catch (cause) {
      if (cause instanceof SiltError) throw cause
      throw new SiltError('internal', 'parquet/encode-failed', `Parquet encoding failed: ${String(cause)}`, { cause })
    }
  }
}
