import type { ByteSource } from '@silt/core'

/** Read at a time of a column chunk that is not in memory as a whole. */
const windowBytes = 4 * 1024 * 1024

/** The bytes of one column chunk in order, a window of them in memory. */
export class ChunkBytes {
  readonly #source: ByteSource
  readonly #end: number
  #held: Uint8Array
  /** Where `#held` begins in the file. */
  #heldAt: number
  #at: number

  /** `held`: bytes of the chunk's beginning that are in memory already. */
  constructor(source: ByteSource, start: number, end: number, held: Uint8Array = new Uint8Array(0)) {
    this.#source = source
    this.#heldAt = start
    this.#at = start
    this.#end = end
    this.#held = held
  }

  get left(): number {
    return this.#end - this.#at
  }

  /** What is in memory from here on, `count` bytes at least, or all that is left. */
  async ahead(count: number): Promise<Uint8Array> {
    const wanted = Math.min(count, this.left)
    const held = this.#heldAt + this.#held.length - this.#at
    if (held < wanted) {
      const to = Math.min(this.#end, this.#at + Math.max(wanted, windowBytes))
      this.#held = await this.#source.read(this.#at, to)
      this.#heldAt = this.#at
    }
    return this.#held.subarray(this.#at - this.#heldAt)
  }

  skip(count: number): void {
    this.#at += count
  }

  /** Lets go of memory. */
  close(): void {
    this.#held = new Uint8Array(0)
    this.#heldAt = this.#at
  }
}
