import { createHash } from 'node:crypto'
import { Readable, type Writable } from 'node:stream'

/** Hashed, or encrypted and written, within a millisecond also where the processor has no instructions for it. */
const pieceBytes = 256 * 2 ** 10

/**
 * A body as a request takes it. One of several pieces is hashed here, and then encrypted and written, piece by piece with turns of the event loop in
 * between: the SDK would do each of them in one go. The pieces are views of `bytes`, which must not change until the answer.
 */
export async function requestBody(bytes: Uint8Array): Promise<Uint8Array | HashedBody> {
  return bytes.byteLength <= pieceBytes ? bytes : new HashedBody(bytes, await sha256(bytes))
}

/**
 * Reads as `bytes`, whose hash signs the request. It ends with its last piece: whoever has the answer to all of them may take the memory back. Taken back
 * earlier, it fails, and the request with it.
 */
export class HashedBody extends Readable {
  readonly sha256: string
  readonly #bytes: Uint8Array
  readonly #byteLength: number
  #sentBytes = 0

  constructor(bytes: Uint8Array, hash: string) {
    super({ highWaterMark: pieceBytes })
    this.#bytes = bytes
    this.#byteLength = bytes.byteLength
    this.sha256 = hash
  }

  /** What is piped leaves errors of its source to others, and the SDK does not look for them. */
  override pipe<T extends NodeJS.WritableStream>(request: T, options?: { readonly end?: boolean }): T {
    this.once('error', (error) => (request as unknown as Writable).destroy(error))
    return super.pipe(request, options)
  }

  /** A socket that takes all at once would otherwise be given all within one turn. */
  override _read(): void {
    setImmediate(() => {
      if (this.destroyed) return
      // Its length is 0 from then on, and views of it cannot be made.
      if (this.#bytes.byteLength !== this.#byteLength) {
        this.destroy(new Error('the memory of a request was taken back while it was sent'))
        return
      }
      const piece = this.#bytes.subarray(this.#sentBytes, this.#sentBytes + pieceBytes)
      this.#sentBytes += piece.byteLength
      this.push(piece)
      if (this.#sentBytes === this.#byteLength) this.push(null)
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
