import {
  assert,
  physicalSchema,
  SiltError,
  statisticsColumns,
  struct,
  type ColumnBatch,
  type EncodedFile,
  type EncodeSpec,
  type StatisticsColumns,
  type StructType,
} from '@silt/core'
import { importBatch } from '../parquet/batch-import.ts'
import { FileBuilder } from '../parquet/file-builder.ts'
import type { FileMemory } from '../parquet/file-memory.ts'
import type { ParquetSettings } from '../parquet/settings.ts'
import type { PartHandle, SlabHandle } from '../scan/scan-exports.ts'
import { ScanPlan } from '../scan/scan-plan.ts'
import type { GuardedPlane } from './guarded-plane.ts'

/** What a leaf takes of the plane before it has values, at most. */
const leafBytes = 32 * 1024
/** Rows that may be in the leaves and not yet counted by their files, which look at their row groups then. */
const uncountedRowsMax = 4096

interface Part {
  readonly handle: PartHandle
  readonly file: FileBuilder
  /** Rows of the part that the file has counted. */
  countedRows: number
}

/** The files of one unit, one a partition of the table, and the plan by which rows get there. */
export class UnitParts {
  readonly #plane: GuardedPlane
  readonly #settings: ParquetSettings
  readonly #memory: FileMemory
  readonly #plan: ScanPlan
  readonly #spec: EncodeSpec
  /** Columns of the unit's schema, and those of them that were added and the plan lacks. */
  #columnCount: number
  #lagging: StructType['fields'] = []
  readonly #parts = new Map<number, Part>()
  /** The file being finished: what has gone wrong releases it with the others. */
  #finishing: FileBuilder | undefined
  #uncountedRows = 0
  #uncountedRowsMax: number

  constructor(
    plane: GuardedPlane,
    spec: EncodeSpec,
    schema: StructType,
    settings: ParquetSettings,
    memory: FileMemory,
  ) {
    this.#plane = plane
    this.#spec = spec
    this.#settings = settings
    this.#memory = memory
    this.#columnCount = schema.fields.length
    const roomBytes = plane.engine.bytes.length / 4
    if (schema.fields.length * leafBytes > roomBytes)
      throw new SiltError(
        'unsupported',
        'dataplane/too-many-columns',
        `the table has ${schema.fields.length} columns; the data plane has room for ${Math.floor(roomBytes / leafBytes)}`,
      )
    this.#plan = new ScanPlan(plane.engine, spec)
    this.#uncountedRowsMax = Math.min(uncountedRowsMax, settings.rowGroupRowsMax)
  }

  get count(): number {
    return this.#parts.size
  }

  /** Records that may be scanned before `settle`. */
  get rowsLeft(): number {
    return this.#uncountedRowsMax - this.#uncountedRows
  }

  /** Of the record at which `scan` stopped. */
  get wantedDay(): number {
    return this.#plan.wantedDay
  }

  /** What a file takes of the plane before it has rows, at most. */
  get fileBytes(): number {
    return this.#columnCount * leafBytes
  }

  /** As `ScanPlan.scan`, of at most `rowsLeft` records. */
  scan(slab: SlabHandle, from: number, to: number): number {
    const reached = this.#plan.scan(slab, from, to)
    this.#uncountedRows += reached - from
    return reached
  }

  /** Rows of the day go to a file of their own from here on. */
  add(day: number): void {
    assert(!this.#parts.has(day), 'a partition of the table has one part')
    this.settle()
    const file = this.#newFile(this.#physical(struct([...this.#plan.columns])))
    const leaves = file.leaves.map(({ handle }) => handle)
    this.#parts.set(day, { handle: this.#plan.addPart(day, leaves, this.#settings.pageRowsMax), file, countedRows: 0 })
  }

  /** Lets the files know of the rows scanned, so that row groups end in time. Between records. */
  settle(): void {
    if (this.#uncountedRows === 0) return
    this.#uncountedRows = 0
    this.#uncountedRowsMax = Math.min(uncountedRowsMax, this.#settings.rowGroupRowsMax)
    for (const part of this.#parts.values()) {
      const rows = this.#plan.rowCount(part.handle)
      if (rows > part.countedRows) part.file.addRows(rows - part.countedRows)
      part.countedRows = rows
      this.#uncountedRowsMax = Math.min(this.#uncountedRowsMax, part.file.rowsLeft)
    }
  }

  /**
   * Has the scanner take the schema's columns that were added, in as far as there are `roomBytes` for the leaves of every file. Those there is no room for
   * stay with the exact path, and the files get them as they are finished.
   */
  addColumns(schema: StructType, roomBytes: number): void {
    const added = schema.fields.slice(this.#columnCount - this.#lagging.length)
    this.#lagging = added
    this.#columnCount = schema.fields.length
    if (added.length === 0 || added.length * leafBytes * this.#parts.size > roomBytes) return
    this.settle()
    this.#lagging = []
    for (const field of added) {
      const isFilled = this.#plan.addColumn(field)
      assert(isFilled, 'an added column takes JSON')
    }
    for (const { handle, file } of this.#parts.values()) {
      const known = file.leaves.length
      file.addColumns(this.#physical(struct([...this.#plan.columns])))
      for (const leaf of file.leaves.slice(known)) this.#plan.addLeaf(handle, leaf.handle)
    }
  }

  /**
   * The day's file: the rows scanned, then those of `batch`. Nothing is scanned any more once this is called. `encoder/crashed` (data) where there is no
   * room for it.
   */
  finish(
    day: number,
    batch: ColumnBatch | undefined,
    partitionValues: EncodedFile['partitionValues'],
    unitSchema: StructType,
  ): EncodedFile {
    assert(this.#uncountedRows === 0, 'rows are settled before files are finished')
    const schema = struct([...this.#plan.columns, ...this.#lagging])
    const file = this.#parts.get(day)?.file ?? this.#open(schema)
    this.#parts.delete(day)
    this.#finishing = file
    if (file.leaves.length < schema.fields.length) {
      this.#requireRoom(schema.fields.length - file.leaves.length)
      file.addColumns(this.#physical(schema))
    }
    return this.#finish(file, batch, partitionValues, this.#statistics(unitSchema))
  }

  /** A file of a batch alone. */
  fileOf(batch: ColumnBatch): EncodedFile {
    this.#finishing = this.#openFile(batch.schema)
    return this.#finish(this.#finishing, batch, {}, undefined)
  }

  release(): void {
    this.#finishing?.close()
    for (const { file } of this.#parts.values()) file.close()
    this.#parts.clear()
    this.#plan.release()
  }

  #finish(
    file: FileBuilder,
    batch: ColumnBatch | undefined,
    partitionValues: EncodedFile['partitionValues'],
    statistics: StatisticsColumns | undefined,
  ): EncodedFile {
    if (batch !== undefined) importBatch(this.#plane.engine, file, batch, this.#settings.pageRowsMax)
    const { bytes, rowCount, stats } = file.finish(statistics)
    this.#finishing = undefined
    return { partitionValues, bytes, rowCount, stats }
  }

  /** A file of rows of the table, by the logical schema. */
  #open(schema: StructType): FileBuilder {
    return this.#openFile(this.#physical(schema))
  }

  #physical(schema: StructType): StructType {
    return physicalSchema(schema, this.#spec.layout?.columnMapping)
  }

  #statistics(unitSchema: StructType): StatisticsColumns | undefined {
    const { layout, partitionColumns } = this.#spec
    if (layout?.statistics === undefined) return undefined
    return statisticsColumns(unitSchema, partitionColumns, layout.statistics, layout.columnMapping)
  }

  #openFile(schema: StructType): FileBuilder {
    this.#requireRoom(schema.fields.length)
    return this.#newFile(schema)
  }

  #newFile(schema: StructType): FileBuilder {
    return new FileBuilder(this.#plane.engine, schema, this.#settings, this.#memory)
  }

  #requireRoom(columns: number): void {
    if (columns * leafBytes <= this.#plane.roomBytes) return
    throw new SiltError('data', 'encoder/crashed', `the data plane has no room for ${columns} more columns of a file`)
  }
}
