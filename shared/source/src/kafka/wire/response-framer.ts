import { SiltError } from '@silt/core'

const SIZE_BYTES = 4
const RESPONSE_BYTES_MIN = 4

/**
 * Cuts a byte stream into responses: `size:int32 (correlation_id ...){size}`.
 * Each response is one buffer of its own, allocated once its size is known and no larger than `responseBytesMax`.
 */
export class ResponseFramer {
  readonly #responseBytesMax: number
  readonly #size = Buffer.alloc(SIZE_BYTES)
  #sizeFilled = 0
  #response: Buffer | undefined
  #filled = 0

  constructor(responseBytesMax: number) {
    this.#responseBytesMax = responseBytesMax
  }

  push(chunk: Buffer, onResponse: (response: Buffer) => void): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#response === undefined) {
        const copied = chunk.copy(this.#size, this.#sizeFilled, at)
        this.#sizeFilled += copied
        at += copied
        if (this.#sizeFilled < SIZE_BYTES) return
        this.#response = Buffer.allocUnsafeSlow(this.#checkedSize())
        this.#sizeFilled = 0
        this.#filled = 0
      }
      const copied = chunk.copy(this.#response, this.#filled, at)
      this.#filled += copied
      at += copied
      if (this.#filled === this.#response.length) {
        const response = this.#response
        this.#response = undefined
        onResponse(response)
      }
    }
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
