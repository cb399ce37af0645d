import { isPresent } from '@silt/core'
import { fileAt, pathsOf, sizesOf, type FileAction, type FileChunk } from './file-chunk.ts'
import { FileIndex } from './file-index.ts'
import { hashOfPath, keyAt, pathKey } from './path-hash.ts'

/** Files of one version: columns underneath, actions made when they are asked for. Its size is the columns', some hundred bytes a file. */
export interface FileSet<A extends FileAction> {
  readonly size: number
  /** Sum of the files' `size`. */
  readonly bytes: number
  /** One after the other, made as it goes; in no order that means anything. */
  values(): IterableIterator<A>
  [Symbol.iterator](): IterableIterator<A>
  /** Their paths, as the log spells them. */
  keys(): IterableIterator<string>
  /** A file by its path; all spellings of one path are the same. The first call takes time with the number of files, the next ones none. */
  get(path: string): A | undefined
  has(path: string): boolean
}

/** A chunk and those of its rows that do not count any more. */
export interface ChunkView {
  readonly chunk: FileChunk
  /** One bit a row; undefined where every row counts. */
  readonly dead: Uint8Array | undefined
}

/** Where rows are found again. Shared by the versions of a table: rows beyond those a version has are not its own. */
export interface FileLookup {
  index: FileIndex | undefined
}

export class ColumnarFileSet<A extends FileAction> implements FileSet<A> {
  readonly size: number
  readonly bytes: number
  readonly views: readonly ChunkView[]
  readonly lookup: FileLookup
  readonly #starts: Int32Array

  constructor(
    views: readonly ChunkView[],
    counts: { readonly size: number; readonly bytes: number },
    lookup: FileLookup,
  ) {
    this.views = views
    this.size = counts.size
    this.bytes = counts.bytes
    this.lookup = lookup
    this.#starts = startsOf(views)
  }

  *values(): IterableIterator<A> {
    for (const { chunk, dead } of this.views)
      for (let row = 0; row < chunk.rowCount; row++) if (!isDead(dead, row)) yield fileAt(chunk, row) as A
  }

  [Symbol.iterator](): IterableIterator<A> {
    return this.values()
  }

  *keys(): IterableIterator<string> {
    for (const { chunk, dead } of this.views) {
      const { bytes, offsets } = pathsOf(chunk)
      const decoder = new TextDecoder()
      for (let row = 0; row < chunk.rowCount; row++)
        if (!isDead(dead, row)) yield decoder.decode(bytes.subarray(offsets[row], offsets[row + 1]))
    }
  }

  get(path: string): A | undefined {
    const key = pathKey(path)
    const found = this.find(hashOfPath(path), ({ chunk }, row) => keyAt(pathsOf(chunk), row) === key)
    return found === undefined ? undefined : (fileAt(found.view.chunk, found.row) as A)
  }

  has(path: string): boolean {
    return this.get(path) !== undefined
  }

  /** The live row of that hash that `isWanted` takes. */
  find(
    hash: number,
    isWanted: (view: ChunkView, row: number) => boolean,
  ): { readonly view: ChunkView; readonly at: number; readonly row: number } | undefined {
    let found: { view: ChunkView; at: number; row: number } | undefined
    const rowCount = this.#starts[this.views.length] as number
    indexOf(this.lookup, this.views).find(hash, (number) => {
      if (number >= rowCount) return false
      const at = viewOf(this.#starts, number)
      const view = this.views[at] as ChunkView
      const row = number - (this.#starts[at] as number)
      if (isDead(view.dead, row) || !isWanted(view, row)) return false
      found = { view, at, row }
      return true
    })
    return found
  }
}

export function emptyFileSet<A extends FileAction>(): ColumnarFileSet<A> {
  return new ColumnarFileSet<A>([], { size: 0, bytes: 0 }, { index: undefined })
}

export function isDead(dead: Uint8Array | undefined, row: number): boolean {
  return dead !== undefined && ((dead[row >> 3] as number) & (1 << (row & 7))) !== 0
}

/** Sum of the sizes of a chunk's live rows. */
export function liveBytes({ chunk, dead }: ChunkView): number {
  const sizes = sizesOf(chunk)
  const { values, nullCount } = sizes
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  let sum = 0
  // What stands under a null slot is 0: sizes are made so, and tombstones may lack theirs.
  for (let row = 0; row < chunk.rowCount; row++) {
    if (dead !== undefined && isDead(dead, row)) continue
    if (nullCount > 0 && !isPresent(sizes, row)) continue
    sum += (words[2 * row + 1] as number) * 2 ** 32 + ((words[2 * row] as number) >>> 0)
  }
  return sum
}

function startsOf(views: readonly ChunkView[]): Int32Array {
  const starts = new Int32Array(views.length + 1)
  views.forEach(({ chunk }, at) => {
    starts[at + 1] = (starts[at] as number) + chunk.rowCount
  })
  return starts
}

/** The index over the chunks of `views`, made where it is not there yet. */
function indexOf(lookup: FileLookup, views: readonly ChunkView[]): FileIndex {
  if (lookup.index !== undefined) return lookup.index
  lookup.index = new FileIndex()
  for (const { chunk } of views) lookup.index.append(chunk)
  return lookup.index
}

function viewOf(starts: Int32Array, number: number): number {
  let low = 0
  let high = starts.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] as number) <= number) low = middle
    else high = middle - 1
  }
  return low
}
