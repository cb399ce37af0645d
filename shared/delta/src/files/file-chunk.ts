import {
  assert,
  isPresent,
  takeSlots,
  textAt,
  valueAt,
  vectorOf,
  type BytesVector,
  type ColumnVector,
  type LongVector,
  type StructType,
  type StructVector,
} from '@silt/core'
import type { AddAction, RemoveAction } from '../actions/action.ts'
import { parseAction } from '../actions/parse-action.ts'
import { addFileSchema, removeFileSchema } from './file-schema.ts'

/** Which of the two file actions. */
export type FileKind = 'add' | 'remove'

export type FileAction = AddAction | RemoveAction

export const fileSchemas: Readonly<Record<FileKind, StructType>> = { add: addFileSchema, remove: removeFileSchema }

/** File actions of one kind as columns, one row each; every row has what the protocol asks of such an action. Not changed once made. */
export interface FileChunk {
  readonly kind: FileKind
  readonly rowCount: number
  readonly fields: StructVector
}

export function pathsOf({ fields }: FileChunk): BytesVector {
  return fields.children[0] as BytesVector
}

function vectorsOf({ fields }: FileChunk): StructVector {
  return fields.children[1] as StructVector
}

export function sizesOf({ fields }: FileChunk): LongVector {
  return fields.children[2] as LongVector
}

/** The action of one row. */
export function fileAt({ kind, fields }: FileChunk, row: number): FileAction {
  return valueAt(fields, fileSchemas[kind], row) as FileAction
}

/** The deletion vector's id at a row; undefined where the file has none. */
export function vectorIdAt(chunk: FileChunk, row: number): string | undefined {
  const vectors = vectorsOf(chunk)
  if (vectors.nullCount === vectors.length || !isPresent(vectors, row)) return undefined
  const [storage, place, offset] = vectors.children as readonly [BytesVector, BytesVector, ColumnVector]
  const id = textAt(storage, row) + textAt(place, row)
  const at = valueAt(offset, 'integer', row)
  return at === undefined ? id : `${id}@${at as number}`
}

/** Actions as a chunk. Fields the protocol does not know are left out. */
export function chunkOf(kind: FileKind, files: readonly FileAction[]): FileChunk {
  return { kind, rowCount: files.length, fields: vectorOf(fileSchemas[kind], files) as StructVector }
}

/** Some rows of a chunk, as one of its own. */
export function takeRows(chunk: FileChunk, rows: Int32Array): FileChunk {
  if (rows.length === chunk.rowCount) return chunk
  return { kind: chunk.kind, rowCount: rows.length, fields: takeSlots(chunk.fields, rows) as StructVector }
}

/**
 * The actions among the rows of a checkpoint's column. `where` names a row: it is asked for one that breaks the protocol.
 * Errors: `delta/broken-log` (data), as reading it from a commit would give.
 */
export function chunkOfColumn(kind: FileKind, column: StructVector, where: (row: number) => string): FileChunk {
  const rows = presentRows(column)
  const fields = rows === undefined ? column : (takeSlots(column, rows) as StructVector)
  const chunk: FileChunk = { kind, rowCount: fields.length, fields }
  const broken = brokenRow(chunk)
  if (broken !== undefined) {
    const place = where(rows === undefined ? broken : (rows[broken] as number))
    parseAction(place, { [kind]: fileAt(chunk, broken) })
    assert(false, `${place} is taken for broken and reads`)
  }
  return chunk
}

function presentRows(column: StructVector): Int32Array | undefined {
  if (column.nullCount === 0) return undefined
  const rows = new Int32Array(column.length - column.nullCount)
  let at = 0
  for (let row = 0; row < column.length && at < rows.length; row++) if (isPresent(column, row)) rows[at++] = row
  return rows
}

const required: Readonly<Record<FileKind, readonly string[]>> = {
  add: ['path', 'partitionValues', 'size', 'modificationTime', 'dataChange'],
  remove: ['path', 'dataChange'],
}
const requiredOfVector = ['storageType', 'pathOrInlineDv', 'sizeInBytes', 'cardinality']

/** The first row that lacks a field or has a number beyond 2^53; undefined where all are sound. */
function brokenRow({ kind, fields }: FileChunk): number | undefined {
  const schema = fileSchemas[kind]
  const everywhere = (): boolean => true
  const vectors = fields.children[1] as StructVector
  return (
    missingIn(fields, schema, required[kind], everywhere) ??
    missingIn(vectors, schema.fields[1]?.type as StructType, requiredOfVector, (row) => isPresent(vectors, row)) ??
    beyondSafe(fields) ??
    (vectors.nullCount < vectors.length ? beyondSafe(vectors) : undefined)
  )
}

function missingIn(
  { children, length, nullCount }: StructVector,
  schema: StructType,
  names: readonly string[],
  isWanted: (row: number) => boolean,
): number | undefined {
  for (const name of names) {
    // Of columns that were not read nothing is known.
    const child = children[schema.fields.findIndex((each) => each.name === name)]
    if (child === undefined || child.nullCount === 0 || nullCount === length) continue
    for (let row = 0; row < length; row++) if (!isPresent(child, row) && isWanted(row)) return row
  }
  return undefined
}

function beyondSafe({ children }: StructVector): number | undefined {
  for (const child of children) {
    if (child.kind !== 'long' || child.nullCount === child.length) continue
    const words = new Int32Array(child.values.buffer, child.values.byteOffset, child.length * 2)
    for (let row = 0; row < child.length; row++) {
      const high = words[2 * row + 1] as number
      if (
        (high >= 2 ** 21 || high < -(2 ** 21)) &&
        isPresent(child, row) &&
        !Number.isSafeInteger(Number(child.values[row]))
      )
        return row
    }
  }
  return undefined
}
