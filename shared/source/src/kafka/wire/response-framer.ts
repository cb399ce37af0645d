import { SiltError } from '@silt/core'

const SIZE_BYTES = 4
const RESPONSE_BYTES_MIN = 4

/**
 * Cuts a byte stream into responses: `size:int32 (correlation_id ...){size}`.
 * Each response is one buffer of its own, asked of `allocate` once its size is known and found no larger than `responseBytesMax`; bytes are
 * written where they stay, none is copied.
 */
export class ResponseFramer {
  readonly #responseBytesMax: number
  readonly #allocate: (sizeBytes: number) => Buffer
  readonly #size = Buffer.alloc(SIZE_BYTES)
  #response: Buffer | undefined
  /** Of the response, or of its size while that is not known. */
  #filled = 0

  constructor(responseBytesMax: number, allocate = (sizeBytes: number): Buffer => Buffer.allocUnsafeSlow(sizeBytes)) {
    this.#responseBytesMax = responseBytesMax
    this.#allocate = allocate
  }

  /** Where the next bytes of the stream belong: at least one, never beyond the response. */
  target(): Buffer {
    return (this.#response ?? this.#size).subarray(this.#filled)
  }

  /** `length` bytes were written to `target`; the response, if that was its end. Errors: `source/unsupported`. */
  advance(length: number): Buffer | undefined {
    this.#filled += length
    const response = this.#response
    if (this.#filled < (response ?? this.#size).length) return undefined
    this.#filled = 0
    this.#response = response === undefined ? this.#allocate(this.#checkedSize()) : undefined
    return response
  }

  #checkedSize(): number {
    const size = this.#size.readInt32BE(0)
    if (size >= RESPONSE_BYTES_MIN && size <= this.#responseBytesMax) return size
    throw new SiltError(
      'unsupported',
      'source/unsupported',
      `an answer of ${size} bytes is outside ${RESPONSE_BYTES_MIN} to ${this.#responseBytesMax}: not a Kafka listener, ` +
        'the wrong KAFKA_SECURITY_PROTOCOL, or a record batch larger than the bound',
      { context: { sizeBytes: size, responseBytesMax: this.#responseBytesMax } },
    )
  }
}
