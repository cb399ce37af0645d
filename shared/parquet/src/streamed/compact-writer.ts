/** Types of Thrift's compact protocol that Parquet's metadata needs. */
export const thrift = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const

/** Thrift's compact protocol, written: fields in ascending order of their ids, structs by `begin` and `end`, integers safe ones that are not negative. */
export class CompactWriter {
  readonly #bytes: number[] = []
  #lastId = 0
  readonly #outer: number[] = []

  i32(id: number, value: number): this {
    return this.#field(id, thrift.i32).#uleb(value * 2)
  }

  i64(id: number, value: number): this {
    return this.#field(id, thrift.i64).#uleb(value * 2)
  }

  text(id: number, value: string): this {
    return this.#field(id, thrift.binary).#text(value)
  }

  list(id: number, type: number, count: number): this {
    this.#field(id, thrift.list)
    if (count < 15) this.#bytes.push((count << 4) | type)
    else {
      this.#bytes.push(0xf0 | type)
      this.#uleb(count)
    }
    return this
  }

  /** Elements of a list of integers or texts. */
  item(value: number | string): this {
    return typeof value === 'string' ? this.#text(value) : this.#uleb(value * 2)
  }

  /** A struct: field `id`, or an element of a list. */
  begin(id?: number): this {
    if (id !== undefined) this.#field(id, thrift.struct)
    this.#outer.push(this.#lastId)
    this.#lastId = 0
    return this
  }

  end(): this {
    this.#bytes.push(0)
    this.#lastId = this.#outer.pop() ?? 0
    return this
  }

  finish(): Uint8Array {
    this.#bytes.push(0)
    return Uint8Array.from(this.#bytes)
  }

  #text(value: string): this {
    const bytes = Buffer.from(value)
    this.#uleb(bytes.length)
    for (const byte of bytes) this.#bytes.push(byte)
    return this
  }

  #field(id: number, type: number): this {
    this.#bytes.push(((id - this.#lastId) << 4) | type)
    this.#lastId = id
    return this
  }

  #uleb(value: number): this {
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes.push((rest % 128) | 128)
    this.#bytes.push(rest)
    return this
  }
}
