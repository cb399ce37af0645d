/** Types of the compact protocol, as fields and list headers spell them. */
export const thriftType = { boolean: 1, i8: 3, i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const
const booleanTrue = 1
const booleanFalse = 2

/**
 * Thrift's compact protocol (thrift-compact-protocol.md), as far as Parquet's metadata needs it: structs nest by `begin` and `end`, fields come in
 * ascending order of their ids, lists are followed by as many elements as they announce. Integers are safe ones.
 *
 *     struct => field* 0 ; field => (id - last id) << 4 | type, else type zigzag(id) ; list => count << 4 | type, else 0xf0 | type uleb(count)
 */
export class ThriftWriter {
  #bytes: Buffer
  #length = 0
  #lastId = 0
  readonly #outer: number[] = []

  constructor(bytesExpected = 256) {
    this.#bytes = Buffer.allocUnsafe(bytesExpected)
  }

  i32(id: number, value: number): void {
    this.#field(id, thriftType.i32)
    this.integer(value)
  }

  i16(id: number, value: number): void {
    this.#field(id, thriftType.i16)
    this.integer(value)
  }

  i64(id: number, value: number): void {
    this.#field(id, thriftType.i64)
    this.integer(value)
  }

  byte(id: number, value: number): void {
    this.#field(id, thriftType.i8)
    this.#byte(value)
  }

  boolean(id: number, value: boolean): void {
    this.#field(id, value ? booleanTrue : booleanFalse)
  }

  binary(id: number, value: Uint8Array | string): void {
    this.#field(id, thriftType.binary)
    this.element(value)
  }

  list(id: number, type: (typeof thriftType)[keyof typeof thriftType], count: number): void {
    this.#field(id, thriftType.list)
    if (count < 15) this.#byte((count << 4) | type)
    else {
      this.#byte(0xf0 | type)
      this.#uleb(count)
    }
  }

  /** An integer element of a list. */
  integer(value: number): void {
    this.#uleb(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  /** A binary element of a list. */
  element(value: Uint8Array | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    this.#uleb(bytes.byteLength)
    this.#reserve(bytes.byteLength)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.byteLength
  }

  /** A boolean element of a list. */
  flag(value: boolean): void {
    this.#byte(value ? booleanTrue : booleanFalse)
  }

  /** Opens a struct: field `id`, or the next element of a list where there is none. */
  begin(id?: number): void {
    if (id !== undefined) this.#field(id, thriftType.struct)
    this.#outer.push(this.#lastId)
    this.#lastId = 0
  }

  end(): void {
    this.#byte(0)
    this.#lastId = this.#outer.pop() ?? 0
  }

  /** An empty struct as field `id`: a union's choice. */
  empty(id: number): void {
    this.begin(id)
    this.end()
  }

  /** Ends the outermost struct. */
  finish(): Buffer {
    this.#byte(0)
    return this.#bytes.subarray(0, this.#length)
  }

  #field(id: number, type: number): void {
    const delta = id - this.#lastId
    if (delta > 0 && delta < 16) this.#byte((delta << 4) | type)
    else {
      this.#byte(type)
      this.integer(id)
    }
    this.#lastId = id
  }

  #uleb(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#byte((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.#byte(rest)
  }

  #byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.byteLength) return
    const next = Buffer.allocUnsafe((this.#length + count) * 2)
    this.#bytes.copy(next, 0, 0, this.#length)
    this.#bytes = next
  }
}
