import type { DuckDBConnection } from '@duckdb/node-api'
import { isSiltError, SiltError, type ObjectStore, type StructField } from '@silt/core'
import {
  columnMappingOf,
  decodePath,
  readDeletionVector,
  type AddAction,
  type ObjectPlace,
  type Snapshot,
} from '@silt/delta'
import { columnSql, duckType, partitionSql, physicalName, type MappingMode } from './column-sql.ts'
import { name, text, type Duck } from './duckdb.ts'
import { fileFields, type FileField, type ParquetElement } from './file-type.ts'
import type { FilePlace, RowFolder } from './row-folder.ts'

/** Files that are fetched at the same time, and files whose footers one query reads. */
const filesAtOnce = 8
const footersAtOnce = 200
/** Deleted rows that are handed to DuckDB at a time. */
const deletedRowsAtOnce = 100_000

/** Where the files of a table lie. */
export interface TablePlaces {
  /** The table's own. */
  readonly store: ObjectStore
  file(path: string): FilePlace
  elsewhere(absolutePath: string): ObjectPlace
}

/**
 * Rows of one version of a table as a relation of DuckDB: deleted rows left out, columns under their names of today, partition values and missing columns
 * filled in, narrower types widened. The files are those of our own snapshot; DuckDB sees Parquet files only, never the table.
 */
export class TableRows {
  readonly #duck: Duck
  readonly #folder: RowFolder
  readonly #snapshot: Snapshot
  readonly #places: TablePlaces
  readonly #mode: MappingMode
  readonly #staged = new Map<number, { readonly path: string; readonly add: AddAction }>()
  #nextFile = 0

  private constructor(duck: Duck, folder: RowFolder, snapshot: Snapshot, places: TablePlaces) {
    this.#duck = duck
    this.#folder = folder
    this.#snapshot = snapshot
    this.#places = places
    this.#mode = columnMappingOf(snapshot)?.mode ?? 'none'
  }

  static async open(duck: Duck, folder: RowFolder, snapshot: Snapshot, places: TablePlaces): Promise<TableRows> {
    const partitions = snapshot.metadata.partitionColumns.map((_, index) => `, p${index} VARCHAR`)
    await duck.connection.run(`CREATE TABLE live_file (file INTEGER, path VARCHAR${partitions.join('')})`)
    await duck.connection.run('CREATE TABLE deleted_row (file INTEGER, row_number BIGINT)')
    return new TableRows(duck, folder, snapshot, places)
  }

  /**
   * SQL of the rows of these files, which stay staged until `release`. `columns` in the order wanted; all when left out.
   * Errors: `table/file-missing`, `table/file-unreadable` (data), those of deletion vectors and of the store.
   */
  async select(
    adds: readonly AddAction[],
    columns: readonly StructField[] = this.#snapshot.schema.fields,
    staged: (files: number) => void = () => undefined,
  ): Promise<string> {
    const files: number[] = []
    for (let index = 0; index < adds.length; index += filesAtOnce) {
      files.push(...(await Promise.all(adds.slice(index, index + filesAtOnce).map((add) => this.#stage(add)))))
      staged(files.length)
    }
    await this.#appendFiles(files)
    const groups = await this.#groups(files)
    const selects: string[] = []
    for (const group of groups) selects.push(await this.#groupSelect(group, columns))
    if (selects.length === 0) return `SELECT ${columns.map(nullColumn).join(', ')} WHERE false`
    return selects.join(' UNION ALL ')
  }

  /** Lets the files of all selects so far go. */
  async release(): Promise<void> {
    for (const { path } of this.#staged.values()) await this.#folder.unstage(path)
    this.#staged.clear()
    await this.#duck.connection.run('DELETE FROM live_file')
    await this.#duck.connection.run('DELETE FROM deleted_row')
  }

  /** What went wrong in DuckDB, with the table's own file names. */
  readable(error: unknown, kind: 'data' | 'invalid' = 'data'): Error {
    if (isSiltError(error)) return error
    const said = (error instanceof Error ? error.message : String(error)).trim()
    const message = said.replaceAll(/'?[^\s'"]*\/f(\d+)\.parquet'?/g, (whole, file: string) => {
      const found = this.#staged.get(Number(file))
      return found === undefined ? whole : decodePath(found.add.path)
    })
    const code = kind === 'data' ? 'table/file-unreadable' : 'table/query-failed'
    return new SiltError(kind, code, message, { cause: error })
  }

  async #stage(add: AddAction): Promise<number> {
    const file = this.#nextFile++
    const path = await this.#folder.stage(`f${file}.parquet`, this.#places.file(add.path))
    this.#staged.set(file, { path, add })
    return file
  }

  #at(file: number): { readonly path: string; readonly add: AddAction } {
    return this.#staged.get(file) as { readonly path: string; readonly add: AddAction }
  }

  async #appendFiles(files: readonly number[]): Promise<void> {
    const { connection } = this.#duck
    const keys = this.#snapshot.metadata.partitionColumns.map((column) => {
      const field = this.#snapshot.schema.fields.find((each) => each.name === column)
      return field === undefined ? column : physicalName(field, this.#mode)
    })
    const appender = await connection.createAppender('live_file')
    for (const file of files) {
      const { path, add } = this.#at(file)
      appender.appendInteger(file)
      appender.appendVarchar(path)
      for (const key of keys) {
        const value = add.partitionValues[key]
        if (value === undefined || value === null) appender.appendNull()
        else appender.appendVarchar(value)
      }
      appender.endRow()
    }
    appender.closeSync()
    for (const file of files) await this.#appendDeleted(connection, file)
  }

  async #appendDeleted(connection: DuckDBConnection, file: number): Promise<void> {
    const { deletionVector } = this.#at(file).add
    if (deletionVector === undefined) return
    const deleted = await readDeletionVector(this.#places.store, deletionVector, (path) => this.#places.elsewhere(path))
    const appender = await connection.createAppender('deleted_row')
    let count = 0
    for (const row of deleted.values()) {
      appender.appendInteger(file)
      appender.appendBigInt(BigInt(row))
      appender.endRow()
      if (++count % deletedRowsAtOnce === 0) appender.flushSync()
    }
    appender.closeSync()
  }

  /** Files that one reading of DuckDB can take at once: same columns, and all with deleted rows or all without. */
  async #groups(files: readonly number[]): Promise<readonly (readonly number[])[]> {
    const groups = new Map<string, number[]>()
    for (let index = 0; index < files.length; index += footersAtOnce) {
      const some = files.slice(index, index + footersAtOnce)
      const found = await this.#rows(`SELECT file, shape FROM (
          SELECT file_name, string_agg(concat_ws('|', name, duckdb_type, converted_type, logical_type, num_children, field_id), ';' ORDER BY column_id) AS shape
          FROM parquet_schema([${some.map((file) => text(this.#at(file).path)).join(', ')}]) GROUP BY file_name)
        JOIN live_file ON path = file_name ORDER BY file`)
      for (const [file, shape] of found) {
        const key = `${this.#at(Number(file)).add.deletionVector === undefined ? '' : 'deleted;'}${String(shape)}`
        const group = groups.get(key)
        if (group === undefined) groups.set(key, [Number(file)])
        else group.push(Number(file))
      }
    }
    return [...groups.values()]
  }

  async #groupSelect(group: readonly number[], columns: readonly StructField[]): Promise<string> {
    const first = this.#at(group[0] as number)
    const fields = await this.#fieldsOf(first.path)
    const hasDeleted = first.add.deletionVector !== undefined
    const { partitionColumns } = this.#snapshot.metadata
    const sql = columns.map((field) => {
      const partition = partitionColumns.indexOf(field.name)
      const value =
        partition < 0
          ? columnSql(field, fields, 'rows_of_file', this.#mode)
          : partitionSql(field.type, `live_file.p${partition}`)
      return `${value} AS ${name(field.name)}`
    })
    const needsFile = hasDeleted || columns.some((field) => partitionColumns.includes(field.name))
    const paths = group.map((file) => text(this.#at(file).path)).join(', ')
    const options = `hive_partitioning = false${needsFile ? `, filename = 'silt:file'` : ''}${hasDeleted ? ', file_row_number = true' : ''}`
    const join = needsFile ? ` JOIN live_file ON live_file.path = rows_of_file."silt:file"` : ''
    const alive = hasDeleted
      ? ' WHERE NOT EXISTS (SELECT 1 FROM deleted_row WHERE deleted_row.file = live_file.file AND deleted_row.row_number = rows_of_file.file_row_number)'
      : ''
    return `SELECT ${sql.join(', ')} FROM read_parquet([${paths}], ${options}) AS rows_of_file${join}${alive}`
  }

  async #fieldsOf(path: string): Promise<readonly FileField[]> {
    try {
      const result = await this.#duck.connection.run(
        `SELECT * FROM read_parquet(${text(path)}, hive_partitioning = false) LIMIT 0`,
      )
      const elements = this.#mode === 'id' ? await this.#elementsOf(path) : undefined
      return fileFields(result.columnNames(), result.columnTypes(), elements)
    } catch (error) {
      throw this.readable(error)
    }
  }

  async #elementsOf(path: string): Promise<readonly ParquetElement[]> {
    const rows = await this.#rows(
      `SELECT name, num_children, field_id FROM parquet_schema(${text(path)}) ORDER BY column_id`,
    )
    return rows.map(([element, children, fieldId]) => ({
      name: String(element),
      children: Number(children ?? 0),
      fieldId: fieldId === null || fieldId === undefined ? undefined : Number(fieldId),
    }))
  }

  async #rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    try {
      return (await this.#duck.connection.runAndReadAll(sql)).getRows()
    } catch (error) {
      throw this.readable(error)
    }
  }
}

function nullColumn(field: StructField): string {
  return `CAST(NULL AS ${duckType(field.type)}) AS ${name(field.name)}`
}
