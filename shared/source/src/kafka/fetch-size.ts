const FETCH_BYTES_MIN = 64 * 1024
const WEIGHT_OF_NEW = 0.3
const MARGIN = 1.25

/**
 * How many bytes to ask for, so that the end of a range is not followed by a megabyte nobody wants.
 * Learns the bytes per offset of a topic; a range takes about as many fetches as its bytes need, one more at worst.
 */
export class FetchSize {
  readonly #bytesMax: number
  #bytesPerOffset: number | undefined

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** `bytes` on the wire covered `offsets`. */
  observe(bytes: number, offsets: number): void {
    if (bytes <= 0 || offsets <= 0) return
    const seen = bytes / offsets
    this.#bytesPerOffset =
      this.#bytesPerOffset === undefined ? seen : this.#bytesPerOffset * (1 - WEIGHT_OF_NEW) + seen * WEIGHT_OF_NEW
  }

  bytesFor(offsets: number): number {
    if (this.#bytesPerOffset === undefined) return this.#bytesMax
    const wanted = Math.ceil(offsets * this.#bytesPerOffset * MARGIN)
    return Math.min(this.#bytesMax, Math.max(FETCH_BYTES_MIN, wanted))
  }
}
