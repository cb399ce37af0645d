import { type BytesColumn } from './column-builders.ts'

/** The `_rescued` object of one row, as bytes: member names as JSON, values verbatim. */
export class RescuedJson {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get isEmpty(): boolean {
    return this.#length === 0
  }

  clear(): void {
    this.#length = 0
    if (this.#bytes.length > rescuedBytesKept) {
      this.#bytes = new Uint8Array(256)
      this.#view = new DataView(this.#bytes.buffer)
    }
  }

  /** `key` is `"name":`. */
  addColumn(key: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
    this.#startMember(key.length + end - start)
    this.#put(key, 0, key.length)
    this.#put(bytes, start, end)
  }

  /** The member's name is JSON in the same bytes, at `keyStart .. keyEnd`. */
  addField(bytes: Uint8Array, keyStart: number, keyEnd: number, start: number, end: number): void {
    this.#startMember(keyEnd - keyStart + 1 + end - start)
    this.#put(bytes, keyStart, keyEnd)
    this.#bytes[this.#length++] = 0x3a
    this.#put(bytes, start, end)
  }

  appendTo(column: BytesColumn, row: number): void {
    this.#bytes[this.#length++] = 0x7d
    column.append(row, this.#bytes, this.#view, 0, this.#length)
  }

  #startMember(lengthBytes: number): void {
    // Room for the separator here and the closing brace at the end.
    const needed = this.#length + lengthBytes + 2
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(needed * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#bytes[this.#length] = this.#length === 0 ? 0x7b : 0x2c
    this.#length++
  }

  #put(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes.set(bytes.subarray(start, end), this.#length)
    this.#length += end - start
  }
}

const rescuedBytesKept = 1024 * 1024
