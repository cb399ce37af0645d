import {
  field,
  isPresent,
  isSiltError,
  SiltError,
  struct,
  textAt,
  valueAt,
  vectorOf,
  type BytesVector,
  type ColumnBatch,
  type LongVector,
  type ObjectStore,
  type ParquetReader,
  type StructField,
  type StructType,
  type StructVector,
} from '@silt/core'
import type { Action, Sidecar } from '../actions/action.ts'
import { decodeEntry } from '../actions/entry-body.ts'
import { parseAction } from '../actions/parse-action.ts'
import { decodePath } from '../actions/path.ts'
import { brokenCheckpoint, brokenLog, logChanged } from '../errors.ts'
import { chunkOf, chunkOfColumn, fileAt, type FileChunk } from '../files/file-chunk.ts'
import { logPrefix, sidecarKey } from '../log/file-names.ts'
import type { CheckpointFiles } from '../log/segment.ts'
import { fileColumns, pathColumns, stateColumns } from './checkpoint-schema.ts'
import { objectSource } from './object-source.ts'

/** A part of a checkpoint: its small actions one by one, its file actions as columns. */
export interface CheckpointPart {
  readonly actions: readonly Action[]
  readonly adds: FileChunk
  readonly removes: FileChunk
}

/**
 * A checkpoint, some thousand rows at a time (Delta PROTOCOL § Checkpoints): classic, multi-part and V2 ones with their sidecars. `paths` gives of file
 * actions only what identifies them and their size (their chunks have no other columns); `no-files` reads none, neither their columns nor their sidecars.
 * `extra`: a column of `add` besides, behind the others of its chunks. Memory: a part, and of files beyond some megabytes a window.
 * Errors: `delta/broken-log` (data) naming file and row, its context the checkpoint; `delta/log-changed` (unavailable).
 */
export async function* readCheckpointParts(
  store: ObjectStore,
  reader: ParquetReader,
  files: CheckpointFiles,
  keep: 'files' | 'paths' | 'no-files',
  extra?: StructField,
): AsyncGenerator<CheckpointPart> {
  const filesOnly = fileColumnsOf(keep, extra)
  const schema: StructType =
    keep === 'no-files' ? stateColumns : { type: 'struct', fields: [...stateColumns.fields, ...filesOnly.fields] }
  const sidecars: Sidecar[] = []
  for (const key of files.keys) {
    for await (const part of ofCheckpoint(files, readParts(store, reader, key, schema))) {
      for (const action of part.actions) if ('sidecar' in action) sidecars.push(action.sidecar)
      yield part
    }
  }
  if (keep !== 'no-files')
    for (const sidecar of sidecars) yield* readSidecar(store, reader, files, sidecar, keep, extra)
}

/** The file actions of one sidecar of a checkpoint, as `readCheckpointParts` gives them. */
export async function* readSidecar(
  store: ObjectStore,
  reader: ParquetReader,
  files: CheckpointFiles,
  sidecar: Sidecar,
  keep: 'files' | 'paths',
  extra?: StructField,
): AsyncGenerator<CheckpointPart> {
  const parts = readParts(store, reader, sidecarOf(sidecar.path), fileColumnsOf(keep, extra))
  try {
    yield* ofCheckpoint(files, parts)
  } catch (error) {
    const [key = ''] = files.keys
    // Clean-up takes a checkpoint away before its sidecars.
    if (!isSiltError(error, 'delta/log-changed') || (await store.head(key)) === undefined) throw error
    throw brokenCheckpoint(key, brokenLog(sidecarOf(sidecar.path), `${key} refers to it, and it is not there`))
  }
}

/** What of a checkpoint breaks the protocol is told with it. */
async function* ofCheckpoint(
  { keys: [key = ''] }: CheckpointFiles,
  parts: AsyncIterable<CheckpointPart>,
): AsyncGenerator<CheckpointPart> {
  try {
    yield* parts
  } catch (error) {
    throw isSiltError(error, 'delta/broken-log') ? brokenCheckpoint(key, error) : error
  }
}

function fileColumnsOf(keep: 'files' | 'paths' | 'no-files', extra: StructField = parsedCounts): StructType {
  if (keep === 'paths') return pathColumns
  const withExtra = ({ name, type }: StructField): StructField =>
    name === 'add' ? field(name, struct([...(type as StructType).fields, extra])) : field(name, type)
  return struct(fileColumns.fields.map(withExtra))
}

/** The actions of a checkpoint one by one, for those who look at each. Errors: as `readCheckpointParts`. */
export async function* readCheckpoint(
  store: ObjectStore,
  reader: ParquetReader,
  files: CheckpointFiles,
  keep: 'files' | 'no-files',
): AsyncGenerator<Action> {
  for await (const { actions, adds, removes } of readCheckpointParts(store, reader, files, keep)) {
    for (const action of actions) if (!('sidecar' in action)) yield action
    for (let row = 0; row < removes.rowCount; row++) yield { remove: fileAt(removes, row) }
    for (let row = 0; row < adds.rowCount; row++) yield { add: fileAt(adds, row) } as Action
  }
}

async function* readParts(
  store: ObjectStore,
  reader: ParquetReader,
  key: string,
  schema: StructType,
): AsyncGenerator<CheckpointPart> {
  if (key.endsWith('.json')) {
    const found = await store.get(key)
    if (found.kind === 'missing') throw logChanged(store.location, key)
    yield partOfActions(decodeEntry(key, found.body), schema === stateColumns)
    return
  }
  const source = await objectSource(store, key)
  let row = 0
  try {
    for await (const batch of reader.batches(source, schema)) {
      yield partOfBatch(key, row, batch)
      row += batch.rowCount
    }
  } catch (cause) {
    await source.requireSame()
    if (cause instanceof SiltError && (cause.kind !== 'data' || isSiltError(cause, 'delta/broken-log'))) throw cause
    throw brokenLog(`${key} after row ${row}`, 'the checkpoint cannot be read as Parquet', cause)
  }
  await source.requireSame()
}

function partOfActions(actions: readonly Action[], isWithoutFiles: boolean): CheckpointPart {
  return {
    actions: actions.filter((each) => !('add' in each) && !('remove' in each)),
    adds: chunkOf('add', isWithoutFiles ? [] : actions.flatMap((each) => ('add' in each ? [each.add] : []))),
    removes: chunkOf(
      'remove',
      isWithoutFiles ? [] : actions.flatMap((each) => ('remove' in each ? [each.remove] : [])),
    ),
  }
}

function partOfBatch(key: string, rowsBefore: number, batch: ColumnBatch): CheckpointPart {
  const { schema, rowCount, columns } = batch
  const where = (row: number): string => `${key} row ${rowsBefore + row + 1}`
  requireOneAction(columns as readonly StructVector[], rowCount, where, schema)
  let adds = chunkOf('add', [])
  let removes = chunkOf('remove', [])
  schema.fields.forEach(({ name }, index) => {
    if (name === 'add') adds = withCounts(chunkOfColumn('add', columns[index] as StructVector, where), schema)
    else if (name === 'remove') removes = chunkOfColumn('remove', columns[index] as StructVector, where)
  })
  return { actions: actionsOfBatch(key, rowsBefore, batch), adds, removes }
}

/** Of statistics that stand in columns of their own alone (`delta.checkpoint.writeStatsAsJson` false) the one that others rest on. */
const parsedCounts: StructField = field('stats_parsed', struct([field('numRecords', 'long')]))

/** Files with `stats` that say how many rows they have, where only the typed column does. */
function withCounts(chunk: FileChunk, { fields }: StructType): FileChunk {
  const add = fields.find(({ name }) => name === 'add')?.type as StructType
  const at = add.fields.indexOf(parsedCounts)
  if (at < 0) return chunk
  const children = chunk.fields.children.slice(0, at)
  const counts = (chunk.fields.children[at] as StructVector).children[0] as LongVector
  const statsAt = add.fields.findIndex(({ name }) => name === 'stats')
  const texts = children[statsAt] as BytesVector
  if (texts.nullCount > 0 && counts.nullCount < counts.length) {
    const stats = Array.from({ length: chunk.rowCount }, (_, row) => {
      if (isPresent(texts, row)) return textAt(texts, row)
      return isPresent(counts, row) ? `{"numRecords":${counts.values[row]}}` : undefined
    })
    children[statsAt] = vectorOf('string', stats)
  }
  return { ...chunk, fields: { ...chunk.fields, children } }
}

/** The actions of a batch that are no file actions. `rowsBefore`: in the file `key`. */
export function actionsOfBatch(key: string, rowsBefore: number, { schema, rowCount, columns }: ColumnBatch): Action[] {
  const actions: Action[] = []
  schema.fields.forEach(({ name, type }, index) => {
    const column = columns[index] as StructVector
    if (name === 'add' || name === 'remove' || column.nullCount === rowCount) return
    for (let row = 0; row < rowCount; row++) {
      if (!isPresent(column, row)) continue
      const action = parseAction(`${key} row ${rowsBefore + row + 1}`, { [name]: valueAt(column, type, row) })
      if (action !== undefined) actions.push(action)
    }
  })
  return actions
}

/** Throws `delta/broken-log` for a row that holds two. */
function requireOneAction(
  columns: readonly StructVector[],
  rowCount: number,
  where: (row: number) => string,
  schema: StructType,
): void {
  const held = columns.map((column, index) => ({ column, name: schema.fields[index]?.name }))
  const some = held.filter(({ column }) => column.nullCount < rowCount)
  if (some.length < 2) return
  for (let row = 0; row < rowCount; row++) {
    let count = 0
    for (const { column } of some) if (isPresent(column, row)) count++
    if (count < 2) continue
    const names = some.filter(({ column }) => isPresent(column, row)).map(({ name }) => name)
    throw brokenLog(where(row), `one action expected, found ${names.join(' and ')}`)
  }
}

// "Sidecar files must always reside in the table's own _delta_log/_sidecars", so only the name counts.
export function sidecarOf(path: string): string {
  const decoded = decodePath(path)
  return decoded.startsWith(logPrefix) ? decoded : sidecarKey(decoded.slice(decoded.lastIndexOf('/') + 1))
}
