import type { Engine } from '../../src/wasm/engine.ts'
import type { LeafHandle, LeafSink, PlanePage } from '../../src/wasm/exports.ts'

/** What a leaf holds, in the layout of @silt/core's column vectors: values of null slots are left out. */
export interface LeafValues {
  /** 1 = present, a byte a slot. */
  readonly present: Uint8Array
  /** Byte arrays: where each present one ends in `bytes`; else empty. */
  readonly ends: number[]
  /** Present values PLAIN, without the lengths of byte arrays, booleans a byte each. */
  readonly bytes: Buffer
}

const byteArray = 6
const widths: Readonly<Record<number, number>> = { 1: 4, 2: 8, 4: 4, 5: 8 }
const encodings = { plain: 0, dictionary: 8 }

/** A flat, nullable leaf whose pages are read back as they leave. The encoding is PLAIN or RLE_DICTIONARY (of byte arrays). */
export class ReadLeaf implements LeafSink {
  readonly handle: LeafHandle
  readonly #engine: Engine
  readonly #type: number
  readonly #index: number
  #present: Buffer[] = []
  /** Present values of a page: PLAIN, or indices into the dictionary. */
  #pages: { readonly encoding: number; readonly values: Buffer; readonly present: number }[] = []
  #dictionary: Buffer[] = []
  /** Of each page. */
  readonly rows: number[] = []

  constructor(engine: Engine, type: number, encoding: number) {
    this.#engine = engine
    this.#type = type
    this.#index = engine.attach(this)
    this.handle = engine.exports.newLeaf(this.#index, type, 1, 0, encoding)
  }

  page(page: PlanePage): void {
    const bytes = Buffer.from(this.#engine.bytes.subarray(page.at, page.at + page.length))
    const levelsEnd = 4 + bytes.readUInt32LE(0)
    const present = hybrid(bytes.subarray(4, levelsEnd), 1, page.slots)
    this.#present.push(Buffer.from(present))
    this.#pages.push({ encoding: page.encoding, values: bytes.subarray(levelsEnd), present: page.present })
    this.rows.push(page.rows)
  }

  dictionary(at: number, length: number, count: number): void {
    const bytes = Buffer.from(this.#engine.bytes.subarray(at, at + length))
    let position = 0
    for (let entry = 0; entry < count; entry++) {
      const end = position + 4 + bytes.readUInt32LE(position)
      this.#dictionary.push(bytes.subarray(position + 4, end))
      position = end
    }
  }

  hashes(): void {}

  /** Ends the chunk and gives its values; the leaf is empty then. */
  take(): LeafValues {
    this.#engine.exports.endChunk(this.handle)
    const present = new Uint8Array(Buffer.concat(this.#present))
    const ends: number[] = []
    const parts: Buffer[] = []
    let length = 0
    const put = (value: Buffer): void => {
      parts.push(value)
      ends.push((length += value.length))
    }
    for (const page of this.#pages) {
      if (this.#type !== byteArray) parts.push(this.#fixed(page.values, page.present))
      else if (page.encoding === encodings.dictionary) {
        const indices = hybrid(page.values.subarray(1), page.values[0]!, page.present)
        for (const index of indices) put(this.#dictionary[index]!)
      } else {
        let position = 0
        for (let value = 0; value < page.present; value++) {
          const end = position + 4 + page.values.readUInt32LE(position)
          put(page.values.subarray(position + 4, end))
          position = end
        }
      }
    }
    this.#present = []
    this.#pages = []
    this.#dictionary = []
    return { present, ends, bytes: Buffer.concat(parts) }
  }

  release(): void {
    this.#engine.exports.releaseLeaf(this.handle)
    this.#engine.detach(this.#index)
  }

  #fixed(values: Buffer, count: number): Buffer {
    const width = widths[this.#type]
    if (width !== undefined) return values.subarray(0, width * count)
    return Buffer.from(Array.from({ length: count }, (_, value) => (values[value >> 3]! >> (value & 7)) & 1))
  }
}

/** Parquet's RLE / bit-packing hybrid (parquet-format Encodings.md). */
function hybrid(bytes: Uint8Array, width: number, count: number): number[] {
  const values: number[] = []
  let position = 0
  const uleb = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[position++]!
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  while (values.length < count) {
    const header = uleb()
    if ((header & 1) === 0) {
      let value = 0
      for (let byte = 0; byte < (width + 7) >> 3; byte++) value += bytes[position++]! * 2 ** (8 * byte)
      for (let run = header >>> 1; run > 0; run--) values.push(value)
    } else {
      const total = (header >>> 1) * 8
      for (let index = 0; index < total; index++) {
        let value = 0
        for (let bit = 0; bit < width; bit++) {
          const at = index * width + bit
          value += ((bytes[position + (at >> 3)]! >> (at & 7)) & 1) * 2 ** bit
        }
        values.push(value)
      }
      position += (header >>> 1) * width
    }
  }
  return values.slice(0, count)
}

/** Texts of a string leaf, null where there is none. */
export function textsOf(leaf: LeafValues): (string | null)[] {
  let value = 0
  return [...leaf.present].map((present) => {
    if (present === 0) return null
    const start = value === 0 ? 0 : leaf.ends[value - 1]!
    return leaf.bytes.toString('utf8', start, leaf.ends[value++])
  })
}

/** Parquet's physical type of the event table's column. */
export function physicalOf(name: string): number {
  return name === 'timestamp' || name === '_kafka_timestamp' || name === '_offset'
    ? 2
    : name === '_partition'
      ? 1
      : name === 'interaction_value'
        ? 5
        : 6
}
