const MIB = 1024 * 1024
/** Smaller files are not worth keeping memory for; larger ones are seldom followed by others. */
const keptBytesMin = 256 * 1024
const keptBytesMax = 32 * MIB
const keptMax = 4

/**
 * Memory that files are assembled in, again and again: what is made new for each file has to be zeroed, and collected in whichever thread the file went to.
 * Keeps at most 4 buffers of at most 32 MiB.
 */
export class FileMemory {
  readonly #kept: ArrayBuffer[] = []

  /** Of that size, at the beginning of a buffer of its own; its contents are undefined. */
  take(sizeBytes: number): Uint8Array<ArrayBuffer> {
    const fitting = this.#kept.filter(({ byteLength }) => byteLength >= sizeBytes && byteLength <= 4 * sizeBytes)
    const [smallest] = fitting.sort((a, b) => a.byteLength - b.byteLength)
    if (smallest !== undefined) this.#kept.splice(this.#kept.indexOf(smallest), 1)
    return new Uint8Array(smallest ?? new ArrayBuffer(roomFor(sizeBytes)), 0, sizeBytes)
  }

  /** Nobody looks at the buffer any more. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength < keptBytesMin || buffer.byteLength > keptBytesMax) return
    if (this.#kept.length === keptMax) this.#kept.shift()
    this.#kept.push(buffer)
  }
}

/** Files of one kind differ a little in size. */
function roomFor(sizeBytes: number): number {
  return sizeBytes < keptBytesMin ? sizeBytes : Math.ceil(sizeBytes / MIB) * MIB
}
