import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'

/** Hashed, or encrypted and written, within a millisecond also where the processor has no instructions for it. */
const pieceBytes = 256 * 2 ** 10

/**
 * A body as a request takes it. One of several pieces is hashed here, and then encrypted and written, piece by piece with turns of the event loop in
 * between: the SDK would do each of them in one go. The pieces are views of `bytes`, which must not change until the answer.
 */
export async function requestBody(bytes: Uint8Array): Promise<Uint8Array | HashedBody> {
  return bytes.byteLength <= pieceBytes ? bytes : new HashedBody(bytes, await sha256(bytes))
}

/** Reads as `bytes`, whose hash signs the request. */
export class HashedBody extends Readable {
  readonly sha256: string
  readonly #bytes: Uint8Array
  #sentBytes = 0

  constructor(bytes: Uint8Array, hash: string) {
    super({ highWaterMark: pieceBytes })
    this.#bytes = bytes
    this.sha256 = hash
  }

  /** A socket that takes all at once would otherwise be given all within one turn. */
  override _read(): void {
    setImmediate(() => {
      const piece = this.#bytes.subarray(this.#sentBytes, this.#sentBytes + pieceBytes)
      this.#sentBytes += piece.byteLength
      this.push(piece.byteLength === 0 ? null : piece)
    })
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let start = 0; start < bytes.byteLength; start += pieceBytes) {
    hash.update(bytes.subarray(start, start + pieceBytes))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return hash.digest('hex')
}
