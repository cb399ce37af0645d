import { hashAt } from './path-hash.ts'
import { pathsOf, type FileChunk } from './file-chunk.ts'

/** Rows by their path's hash, numbered over all chunks in order: an open-addressing table that only grows. */
export class FileIndex {
  /** Row number + 1, or 0 where nothing stands; a power of two of them, at most half taken. */
  #table = new Int32Array(1024)
  #hashes = new Uint32Array(512)
  #rowCount = 0

  /** Rows in it. */
  get rowCount(): number {
    return this.#rowCount
  }

  append(chunk: FileChunk): void {
    const paths = pathsOf(chunk)
    this.#grow(this.#rowCount + chunk.rowCount)
    for (let row = 0; row < chunk.rowCount; row++) {
      const hash = hashAt(paths, row)
      this.#hashes[this.#rowCount] = hash
      this.#place(hash, this.#rowCount++)
    }
  }

  /** The first row of that hash that `isWanted` takes; undefined where none is. */
  find(hash: number, isWanted: (row: number) => boolean): number | undefined {
    const mask = this.#table.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = (this.#table[slot] as number) - 1
      if (row < 0) return undefined
      if (this.#hashes[row] === hash && isWanted(row)) return row
    }
  }

  #grow(rows: number): void {
    if (rows * 2 <= this.#table.length) return
    let size = this.#table.length
    while (size < rows * 2) size *= 2
    const hashes = new Uint32Array(size / 2)
    hashes.set(this.#hashes.subarray(0, this.#rowCount))
    this.#hashes = hashes
    this.#table = new Int32Array(size)
    for (let row = 0; row < this.#rowCount; row++) this.#place(hashes[row] as number, row)
  }

  #place(hash: number, row: number): void {
    const mask = this.#table.length - 1
    let slot = hash & mask
    while (this.#table[slot] !== 0) slot = (slot + 1) & mask
    this.#table[slot] = row + 1
  }
}
