import { SiltError } from '@silt/core'

/**
 * Reads one response. Every read is checked against the end of the buffer and every count against the bytes that are left,
 * so a malformed response is `source/corrupt`, never an endless loop or a huge allocation.
 */
export class WireReader {
  readonly bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes
    this.#at = at
  }

  get position(): number {
    return this.#at
  }

  int8(): number {
    return this.bytes.readInt8(this.#take(1))
  }

  bool(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#take(4))
  }

  /** int64 as a number; beyond 2^53 it is malformed: no offset, time or count gets there. */
  int64(): number {
    const value = Number(this.bytes.readBigInt64BE(this.#take(8)))
    if (!Number.isSafeInteger(value)) throw malformed('an int64 beyond 2^53')
    return value
  }

  /** int64 kept whole: producer ids. */
  bigint64(): bigint {
    return this.bytes.readBigInt64BE(this.#take(8))
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.#take(1)] as number
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
    throw malformed('a varint of more than 5 bytes')
  }

  raw(length: number): Buffer {
    const at = this.#take(length)
    return this.bytes.subarray(at, at + length)
  }

  compactString(): string {
    return this.compactNullableString() ?? ''
  }

  compactNullableString(): string | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.raw(length).toString('utf8')
  }

  /** COMPACT_NULLABLE_BYTES or COMPACT_RECORDS, without copying. */
  compactBytes(): Buffer | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.raw(length)
  }

  /** COMPACT_NULLABLE_ARRAY; null reads as empty. */
  compactArray<T>(read: () => T): T[] {
    const count = this.uvarint() - 1
    if (count > this.bytes.length - this.#at) throw malformed(`an array of ${count} elements`)
    const elements: T[] = []
    for (let index = 0; index < count; index++) elements.push(read())
    return elements
  }

  skipTags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint()
      this.#take(this.uvarint())
    }
  }

  #take(length: number): number {
    const at = this.#at
    if (length > this.bytes.length - at) throw malformed(`${length} bytes wanted at ${at} of ${this.bytes.length}`)
    this.#at = at + length
    return at
  }
}

function malformed(what: string): SiltError {
  return new SiltError('data', 'source/corrupt', `malformed Kafka response: ${what}`)
}
