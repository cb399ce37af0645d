import { assert, type StatisticsColumns, type StructType } from '@silt/core'
import type { Engine } from '../wasm/engine.ts'
import type { LeafHandle } from '../wasm/exports.ts'
import { codecOf, type Codec } from './codec.ts'
import { ColumnChunkBuilder, releaseChunk, type ColumnChunk } from './column-chunk.ts'
import { deltaStatsOf, type LeafFigures } from './delta-stats.ts'
import { FileMemory } from './file-memory.ts'
import { layFile } from './parquet-file.ts'
import { schemaTree, type LeafColumn, type SchemaTree } from './schema-tree.ts'
import type { ParquetSettings } from './settings.ts'
import { union } from './value-bounds.ts'

export interface BuiltFile {
  /** At the beginning of an ArrayBuffer of its own, which may be transferred. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly rowCount: number
  /** Delta statistics, the JSON text of an add's `stats`. */
  readonly stats: string
}

interface OpenColumn {
  readonly leaf: LeafColumn
  readonly handle: LeafHandle
  readonly index: number
  readonly builder: ColumnChunkBuilder
}

/**
 * One file being written: a leaf of the plane for each leaf column of the schema, in schema order, and what they have given away.
 *
 * 1. Whoever appends gives every leaf the slots of the same rows and says how many by `addRows`, at a row's border.
 * 2. A row group ends when `addRows` finds it full; chunks of all leaves then end together.
 *
 * Synchronous. After `finish` or `close` its leaves are gone.
 */
export class FileBuilder {
  readonly #engine: Engine
  readonly #settings: ParquetSettings
  readonly #codec: Codec
  readonly #memory: FileMemory
  #schema: StructType
  #tree: SchemaTree
  #columns: OpenColumn[] = []
  #rowGroups: { readonly rowCount: number; readonly chunks: ColumnChunk[] }[] = []
  #rowCount = 0
  #openRows = 0

  constructor(engine: Engine, schema: StructType, settings: ParquetSettings, memory = new FileMemory()) {
    this.#engine = engine
    this.#memory = memory
    this.#settings = settings
    this.#codec = codecOf(engine, settings.codec, settings.zstdLevel)
    this.#schema = schema
    this.#tree = schemaTree(schema)
    this.#columns = this.#tree.leaves.map((leaf) => this.#open(leaf))
  }

  get leaves(): readonly { readonly leaf: LeafColumn; readonly handle: LeafHandle }[] {
    return this.#columns
  }

  get rowCount(): number {
    return this.#rowCount + this.#openRows
  }

  /** Compressed bytes so far. */
  get sizeBytes(): number {
    const done = this.#rowGroups.reduce(
      (sum, group) => sum + group.chunks.reduce((all, chunk) => all + chunk.sizeBytes, 0),
      0,
    )
    return done + this.#columns.reduce((sum, { builder }) => sum + builder.sizeBytes, 0)
  }

  /** Rows that the open row group still takes. */
  get rowsLeft(): number {
    return this.#settings.rowGroupRowsMax - this.#openRows
  }

  /** `rows` more rows, at most `rowsLeft`, are in every leaf. Looked at every few thousand rows, this keeps row groups within their bounds. */
  addRows(rows: number): void {
    this.#openRows += rows
    const { rowGroupRowsMax, rowGroupBytesMax } = this.#settings
    if (this.#openRows >= rowGroupRowsMax || this.#openBytes() >= rowGroupBytesMax) this.endRowGroup()
  }

  /** A schema with columns behind those there were, which begin with nulls for the rows so far. At a row's border. */
  addColumns(schema: StructType): void {
    const tree = schemaTree(schema)
    const added = tree.leaves.slice(this.#columns.length)
    assert(
      this.#columns.every(({ leaf }, index) => leaf.path.join('\0') === tree.leaves[index]?.path.join('\0')),
      'columns are added at the end only',
    )
    const { appendNulls, endChunk } = this.#engine.exports
    for (const leaf of added) {
      assert(leaf.levelMax > 0, 'a column that is added takes nulls')
      const column = this.#open(leaf)
      for (const group of this.#rowGroups) {
        appendNulls(column.handle, group.rowCount, this.#settings.pageRowsMax)
        endChunk(column.handle)
        group.chunks.push(column.builder.take())
      }
      appendNulls(column.handle, this.#openRows, this.#settings.pageRowsMax)
      this.#columns.push(column)
    }
    this.#schema = schema
    this.#tree = tree
  }

  endRowGroup(): void {
    if (this.#openRows === 0) return
    const chunks = this.#columns.map(({ handle, builder }) => {
      this.#engine.exports.endChunk(handle)
      return builder.take()
    })
    this.#rowGroups.push({ rowCount: this.#openRows, chunks })
    this.#rowCount += this.#openRows
    this.#openRows = 0
  }

  /** `columns` have statistics; left out: all of them. */
  finish(columns?: StatisticsColumns): BuiltFile {
    this.endRowGroup()
    const rowCount = this.#rowCount
    const bytes = layFile(this.#tree.elements, this.#rowGroups, this.#settings, this.#memory)
    const stats = deltaStatsOf(this.#schema, rowCount, this.#figures(), columns)
    this.close()
    return { bytes, rowCount, stats }
  }

  /** Frees what is held of the plane. */
  close(): void {
    for (const { handle, index, builder } of this.#columns) {
      this.#engine.exports.releaseLeaf(handle)
      this.#engine.detach(index)
      builder.release()
    }
    for (const chunk of this.#rowGroups.flatMap(({ chunks }) => chunks)) releaseChunk(this.#engine, chunk)
    this.#columns = []
    this.#rowGroups = []
  }

  #open(leaf: LeafColumn): OpenColumn {
    const { bloomColumns, bloomBytesMax } = this.#settings
    const builder = new ColumnChunkBuilder(this.#engine, leaf, this.#codec, bloomBytesMax)
    const index = this.#engine.attach(builder)
    const { newLeaf, configureLeaf } = this.#engine.exports
    const handle = newLeaf(index, leaf.physical, leaf.levelMax, leaf.repeatMax, leaf.startEncoding) >>> 0
    configureLeaf(handle, leaf.width, leaf.listLevel, 1, bloomColumns.includes(leaf.path.join('.')) ? 1 : 0)
    return { leaf, handle, index, builder }
  }

  #openBytes(): number {
    const { heldBytes } = this.#engine.exports
    return this.#columns.reduce((sum, { handle, builder }) => sum + builder.sizeBytes + (heldBytes(handle) >>> 0), 0)
  }

  #figures(): LeafFigures[] {
    return this.#tree.leaves.map((leaf, position) => {
      let figures: LeafFigures = { leaf, nullCount: 0, listNullCount: 0, hasNan: false, bounds: undefined }
      for (const { chunks } of this.#rowGroups) {
        const chunk = chunks[position]
        assert(chunk !== undefined, 'every row group has a chunk of every leaf')
        figures = {
          leaf,
          nullCount: figures.nullCount + chunk.nullCount,
          listNullCount: figures.listNullCount + chunk.listNullCount,
          hasNan: figures.hasNan || chunk.hasNan,
          bounds: union(leaf.physical, figures.bounds, chunk.bounds),
        }
      }
      return figures
    })
  }
}
