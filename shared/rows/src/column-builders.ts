import type { BooleanVector, BytesVector, DoubleVector, IntegerVector, LongVector } from '@silt/core'
import { copyBytes } from './copy-bytes.ts'

/**
 * Growing columns. A slot is filled by appending at its row; rows passed over are null. Buffers double, so a column costs at most
 * twice its content; the row decoder bounds the content (`decodedBytesMax`).
 */
abstract class Column {
  length = 0
  nullCount = 0
  #validity: Uint8Array | undefined

  protected abstract reserve(length: number): void

  /** Makes `row` the next slot to fill: `length === row`, with room for one more. */
  protected advance(row: number): void {
    if (this.length !== row) this.padTo(row)
    this.reserve(row + 1)
  }

  /** The value of a slot that is filled, as expressions and partition values take it. */
  abstract valueAt(row: number): string | number | bigint | boolean

  /** Empties it; what it holds is written over. */
  clear(): void {
    this.length = 0
    this.nullCount = 0
    this.#validity = undefined
  }

  /** Nulls up to `length` slots. */
  padTo(length: number): void {
    if (length === this.length) return
    this.reserve(length)
    const needed = (length + 7) >> 3
    let validity = this.#validity
    if (validity === undefined || validity.length < needed) {
      const larger = new Uint8Array(Math.max(needed * 2, 64)).fill(0xff)
      if (validity !== undefined) larger.set(validity)
      this.#validity = validity = larger
    }
    for (let row = this.length; row < length; row++) validity[row >> 3]! &= ~(1 << (row & 7))
    this.nullCount += length - this.length
    this.padValues(length)
    this.length = length
  }

  protected padValues(_length: number): void {}

  protected base(rowCount: number): { length: number; nullCount: number; validity?: Uint8Array } {
    this.padTo(rowCount)
    this.reserve(rowCount)
    if (this.#validity === undefined) return { length: rowCount, nullCount: 0 }
    const needed = (rowCount + 7) >> 3
    let validity = this.#validity
    if (validity.length < needed) {
      validity = new Uint8Array(needed).fill(0xff)
      validity.set(this.#validity)
    }
    return { length: rowCount, nullCount: this.nullCount, validity: validity.subarray(0, needed) }
  }
}

export class BytesColumn extends Column {
  offsets = new Int32Array(64)
  bytes = new Uint8Array(256)
  #view = new DataView(this.bytes.buffer)

  append(row: number, from: Uint8Array, fromView: DataView, start: number, end: number): void {
    this.advance(row)
    const at = this.offsets[row]!
    const endAt = at + (end - start)
    if (endAt > this.bytes.length) this.#growBytes(endAt)
    copyBytes(from, fromView, start, end, this.bytes, this.#view, at)
    this.offsets[row + 1] = endAt
    this.length = row + 1
  }

  /** Room for `lengthMax` bytes at the row's start, to be filled by the caller and closed by `commit`. */
  open(row: number, lengthMax: number): number {
    this.advance(row)
    const at = this.offsets[row]!
    if (at + lengthMax > this.bytes.length) this.#growBytes(at + lengthMax)
    return at
  }

  commit(row: number, end: number): void {
    this.offsets[row + 1] = end
    this.length = row + 1
  }

  valueAt(row: number): string {
    const [start, end] = [this.offsets[row]!, this.offsets[row + 1]!]
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString()
  }

  vector(kind: 'string' | 'binary', rowCount: number): BytesVector {
    const base = this.base(rowCount)
    return {
      kind,
      ...base,
      offsets: this.offsets.subarray(0, rowCount + 1),
      bytes: this.bytes.subarray(0, this.offsets[rowCount]),
    }
  }

  protected override reserve(length: number): void {
    if (length < this.offsets.length) return
    const larger = new Int32Array((length + 1) * 2)
    larger.set(this.offsets)
    this.offsets = larger
  }

  protected override padValues(length: number): void {
    this.offsets.fill(this.offsets[this.length]!, this.length + 1, length + 1)
  }

  #growBytes(needed: number): void {
    const larger = new Uint8Array(needed * 2)
    larger.set(this.bytes)
    this.bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** 64-bit integers written as two halves: a BigInt a value would be an allocation a value. */
export class LongColumn extends Column {
  #values = new BigInt64Array(32)
  #halves = new Int32Array(this.#values.buffer)

  append(row: number, value: bigint): void {
    this.advance(row)
    this.#values[row] = value
    this.length = row + 1
  }

  appendSafeInteger(row: number, value: number): void {
    this.advance(row)
    this.#write(row, value)
    this.length = row + 1
  }

  /** `seconds * 1e6 + micros`, beyond 2^53 too. */
  appendMicros(row: number, seconds: number, micros: number): void {
    this.advance(row)
    if (seconds > -9e9 && seconds < 9e9) this.#write(row, seconds * 1_000_000 + micros)
    else this.#values[row] = BigInt(seconds) * 1_000_000n + BigInt(micros)
    this.length = row + 1
  }

  valueAt(row: number): bigint {
    return this.#values[row]!
  }

  vector(kind: 'long' | 'timestamp', rowCount: number): LongVector {
    const base = this.base(rowCount)
    return { kind, ...base, values: this.#values.subarray(0, rowCount) }
  }

  protected override reserve(length: number): void {
    if (length <= this.#values.length) return
    const larger = new BigInt64Array(length * 2)
    larger.set(this.#values)
    this.#values = larger
    this.#halves = new Int32Array(larger.buffer)
  }

  #write(row: number, value: number): void {
    const high = Math.floor(value / 4_294_967_296)
    this.#halves[row * 2] = value - high * 4_294_967_296
    this.#halves[row * 2 + 1] = high
  }
}

export class IntegerColumn extends Column {
  #values = new Int32Array(32)

  append(row: number, value: number): void {
    this.advance(row)
    this.#values[row] = value
    this.length = row + 1
  }

  valueAt(row: number): number {
    return this.#values[row]!
  }

  vector(kind: 'integer' | 'date', rowCount: number): IntegerVector {
    const base = this.base(rowCount)
    return { kind, ...base, values: this.#values.subarray(0, rowCount) }
  }

  protected override reserve(length: number): void {
    if (length <= this.#values.length) return
    const larger = new Int32Array(length * 2)
    larger.set(this.#values)
    this.#values = larger
  }
}

export class DoubleColumn extends Column {
  #values = new Float64Array(32)

  append(row: number, value: number): void {
    this.advance(row)
    this.#values[row] = value
    this.length = row + 1
  }

  valueAt(row: number): number {
    return this.#values[row]!
  }

  vector(rowCount: number): DoubleVector {
    const base = this.base(rowCount)
    return { kind: 'double', ...base, values: this.#values.subarray(0, rowCount) }
  }

  protected override reserve(length: number): void {
    if (length <= this.#values.length) return
    const larger = new Float64Array(length * 2)
    larger.set(this.#values)
    this.#values = larger
  }
}

export class BooleanColumn extends Column {
  #values = new Uint8Array(32)

  append(row: number, value: boolean): void {
    this.advance(row)
    this.#values[row] = value ? 1 : 0
    this.length = row + 1
  }

  valueAt(row: number): boolean {
    return this.#values[row] === 1
  }

  vector(rowCount: number): BooleanVector {
    const base = this.base(rowCount)
    return { kind: 'boolean', ...base, values: this.#values.subarray(0, rowCount) }
  }

  protected override reserve(length: number): void {
    if (length <= this.#values.length) return
    const larger = new Uint8Array(length * 2)
    larger.set(this.#values)
    this.#values = larger
  }
}
