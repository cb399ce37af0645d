import { deletionVectorId, fileKey } from '../actions/file-key.ts'
import {
  chunkOf,
  fileAt,
  pathsOf,
  takeRows,
  vectorIdAt,
  type FileAction,
  type FileChunk,
  type FileKind,
} from './file-chunk.ts'
import { ColumnarFileSet, isDead, liveBytes, type ChunkView, type FileLookup } from './file-set.ts'
import { hashAt, hashOfPath, keyAt, pathKey, samePath } from './path-hash.ts'

/** Actions that wait to become a chunk. */
const pendingMax = 4096

/**
 * File actions of one kind by their identity, (path, deletion vector): a set being made, from nothing or from a version's. What it was made from does not
 * change. An action put replaces the one of its identity.
 */
export class FileTable<A extends FileAction> {
  readonly #kind: FileKind
  #set: ColumnarFileSet<A>
  /** Chunks whose bits are this table's own, and may be set in place. */
  readonly #own = new Set<FileChunk>()
  #pending = new Map<string, A>()

  constructor(kind: FileKind, from: ColumnarFileSet<A>) {
    this.#kind = kind
    this.#set = from
  }

  get isEmpty(): boolean {
    return this.#set.size === 0 && this.#pending.size === 0
  }

  put(file: A): void {
    this.delete(file)
    this.#pending.set(fileKey(file), file)
    if (this.#pending.size >= pendingMax) this.#flush()
  }

  /** Whether there was one. */
  delete(file: FileAction): boolean {
    if (this.#pending.delete(fileKey(file))) return true
    if (this.#set.size === 0) return false
    const key = pathKey(file.path)
    const vectorId = file.deletionVector === undefined ? undefined : deletionVectorId(file.deletionVector)
    const found = this.#set.find(
      hashOfPath(file.path),
      ({ chunk }, row) => vectorIdAt(chunk, row) === vectorId && keyAt(pathsOf(chunk), row) === key,
    )
    if (found === undefined) return false
    this.#kill(found.at, found.row)
    return true
  }

  /** Rows none of which has the identity of another, here or there. */
  append(chunk: FileChunk): void {
    if (chunk.rowCount > 0) this.#extend(chunk)
  }

  /** All of another table's, under the same condition. */
  appendAll(other: FileTable<A>): void {
    for (const view of other.freeze().views) this.append(liveChunk(view))
  }

  /** The version as it is now; the table may go on. */
  freeze(): ColumnarFileSet<A> {
    this.#flush()
    this.#own.clear()
    return this.#set
  }

  /** Of each row of `chunk`, of either kind: whether a file of its identity is here. */
  holds(chunk: FileChunk): (row: number) => boolean {
    this.#flush()
    const set = this.#set
    if (set.size === 0) return () => false
    const paths = pathsOf(chunk)
    return (row) => {
      const found = set.find(
        hashAt(paths, row),
        (view, other) =>
          samePath(paths, row, pathsOf(view.chunk), other) && vectorIdAt(chunk, row) === vectorIdAt(view.chunk, other),
      )
      return found !== undefined
    }
  }

  #flush(): void {
    if (this.#pending.size === 0) return
    const chunk = chunkOf(this.#kind, [...this.#pending.values()])
    this.#pending = new Map()
    this.#extend(chunk)
  }

  #extend(chunk: FileChunk): void {
    const { views, size, bytes, lookup } = this.#set
    const rows = views.reduce((sum, each) => sum + each.chunk.rowCount, 0)
    const view: ChunkView = { chunk, dead: undefined }
    // An index that another version of the table has gone on with is its own.
    const shared: FileLookup = lookup.index?.rowCount === rows ? lookup : { index: undefined }
    shared.index?.append(chunk)
    const counts = { size: size + chunk.rowCount, bytes: bytes + liveBytes(view) }
    this.#set = new ColumnarFileSet<A>([...views, view], counts, shared)
  }

  #kill(at: number, row: number): void {
    const { views, size, bytes, lookup } = this.#set
    const view = views[at] as ChunkView
    const counts = { size: size - 1, bytes: bytes - (fileAt(view.chunk, row).size ?? 0) }
    const dead = this.#ownBits(view)
    dead[row >> 3] = (dead[row >> 3] as number) | (1 << (row & 7))
    const changed = dead === view.dead ? views : views.with(at, { chunk: view.chunk, dead })
    this.#set = new ColumnarFileSet<A>(changed, counts, lookup)
  }

  #ownBits({ chunk, dead }: ChunkView): Uint8Array {
    if (dead !== undefined && this.#own.has(chunk)) return dead
    this.#own.add(chunk)
    return dead?.slice() ?? new Uint8Array((chunk.rowCount + 7) >> 3)
  }
}

/** Files of a checkpoint that what came after it says nothing of. */
export function untouched(chunk: FileChunk, later: readonly FileTable<FileAction>[]): FileChunk {
  const tables = later.filter((each) => !each.isEmpty).map((each) => each.holds(chunk))
  if (tables.length === 0) return chunk
  const rows = new Int32Array(chunk.rowCount)
  let count = 0
  for (let row = 0; row < chunk.rowCount; row++) if (!tables.some((holds) => holds(row))) rows[count++] = row
  return takeRows(chunk, rows.subarray(0, count))
}

/** Rows that count. */
export function liveChunk({ chunk, dead }: ChunkView): FileChunk {
  if (dead === undefined) return chunk
  const rows = new Int32Array(chunk.rowCount)
  let count = 0
  for (let row = 0; row < chunk.rowCount; row++) if (!isDead(dead, row)) rows[count++] = row
  return takeRows(chunk, rows.subarray(0, count))
}
