const INITIAL_BYTES = 256

/**
 * Builds one request: big-endian fields, unsigned varints for compact lengths, as the Kafka protocol guide spells them.
 * Grows as needed; the requests Silt sends are below a few kilobytes.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES)
  #length = 0

  int8(value: number): this {
    this.#reserve(1)
    this.#length = this.#bytes.writeInt8(value, this.#length)
    return this
  }

  bool(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    this.#reserve(2)
    this.#length = this.#bytes.writeInt16BE(value, this.#length)
    return this
  }

  int32(value: number): this {
    this.#reserve(4)
    this.#length = this.#bytes.writeInt32BE(value, this.#length)
    return this
  }

  /** A safe integer as int64. */
  int64(value: number): this {
    this.#reserve(8)
    this.#length = this.#bytes.writeBigInt64BE(BigInt(value), this.#length)
    return this
  }

  /** UNSIGNED_VARINT, below 2^31. */
  uvarint(value: number): this {
    this.#reserve(5)
    let rest = value
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.#bytes[this.#length++] = rest
    return this
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** STRING: int16 length. */
  string(text: string): this {
    const bytes = Buffer.from(text, 'utf8')
    return this.int16(bytes.length).raw(bytes)
  }

  /** COMPACT_NULLABLE_STRING: unsigned varint of length + 1, 0 = null. */
  compactString(text: string | null): this {
    if (text === null) return this.uvarint(0)
    const bytes = Buffer.from(text, 'utf8')
    return this.uvarint(bytes.length + 1).raw(bytes)
  }

  /** COMPACT_BYTES. */
  compactBytes(bytes: Uint8Array): this {
    return this.uvarint(bytes.length + 1).raw(bytes)
  }

  /** COMPACT_ARRAY: the count, then each element. */
  compactArray<T>(elements: readonly T[], write: (element: T) => void): this {
    this.uvarint(elements.length + 1)
    for (const element of elements) write(element)
    return this
  }

  /** An empty set of tagged fields. */
  noTags(): this {
    return this.uvarint(0)
  }

  /** What was written, without copying. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
