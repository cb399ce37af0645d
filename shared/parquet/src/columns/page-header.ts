/** Numbers of parquet.thrift. */
export const pageType = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const
export const encoding = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaBinaryPacked: 5,
  deltaLengthByteArray: 6,
  deltaByteArray: 7,
  rleDictionary: 8,
} as const

/** parquet.thrift PageHeader, as far as reading values needs it; sizes are of the page's body. */
export interface PageHeader {
  /** Of the header itself. */
  readonly headerBytes: number
  readonly type: number
  readonly plainBytes: number
  readonly compressedBytes: number
  readonly valueCount: number
  readonly encoding: number
  /** Of V2 pages, whose levels stand before the compressed part. */
  readonly levels?: {
    readonly definitionBytes: number
    readonly repetitionBytes: number
    readonly isCompressed: boolean
  }
}

/** The header that `bytes` begins with; undefined where it goes on beyond their end. Throws RangeError for what is no header. */
export function readPageHeader(bytes: Uint8Array, from: number): PageHeader | undefined {
  const thrift = new CompactReader(bytes, from)
  try {
    const fields = thrift.struct(0)
    const body = (fields.get(5) ?? fields.get(7) ?? fields.get(8)) as Fields | undefined
    const type = numberOf(fields, 1)
    const isV2 = type === pageType.dataV2
    return {
      headerBytes: thrift.at - from,
      type,
      plainBytes: numberOf(fields, 2),
      compressedBytes: numberOf(fields, 3),
      valueCount: body === undefined ? 0 : numberOf(body, 1),
      encoding: body === undefined ? -1 : numberOf(body, isV2 ? 4 : 2),
      ...(isV2 && body !== undefined
        ? {
            levels: {
              definitionBytes: numberOf(body, 5),
              repetitionBytes: numberOf(body, 6),
              isCompressed: body.get(7) !== false,
            },
          }
        : {}),
    }
  } catch (error) {
    if (error === beyondEnd) return undefined
    throw error
  }
}

type Fields = Map<number, unknown>

function numberOf(fields: Fields, id: number): number {
  const value = fields.get(id)
  if (typeof value !== 'number' || value < 0) throw new RangeError(`page header without field ${id}`)
  return value
}

const beyondEnd = new RangeError('a page header goes on beyond the bytes read')
const nestingMax = 8

/** Thrift's compact protocol: integers up to 2^53, nested structs as maps by field id; what pages have no use for is passed over. */
class CompactReader {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  struct(depth: number): Fields {
    if (depth > nestingMax) throw new RangeError('a page header is nested too deeply')
    const fields: Fields = new Map()
    for (let id = 0; ;) {
      const head = this.#byte()
      if (head === 0) return fields
      const delta = head >> 4
      id = delta === 0 ? this.#zigzag() : id + delta
      fields.set(id, this.#value(head & 15, depth))
    }
  }

  #value(type: number, depth: number): unknown {
    switch (type) {
      case 1:
        return true
      case 2:
        return false
      case 3:
        return this.#byte()
      case 4:
      case 5:
      case 6:
        return this.#zigzag()
      case 7:
        return this.#skip(8)
      case 8:
        return this.#skip(this.#uleb())
      case 9:
      case 10: {
        const head = this.#byte()
        const count = head >> 4 === 15 ? this.#uleb() : head >> 4
        // Each element is a byte at least.
        if (count > this.#bytes.length - this.at) throw beyondEnd
        for (let element = 0; element < count; element++) this.#value(head & 15 || 1, depth)
        return undefined
      }
      case 12:
        return this.struct(depth + 1)
      default:
        throw new RangeError(`a page header holds thrift type ${type}`)
    }
  }

  #skip(count: number): undefined {
    if (count > this.#bytes.length - this.at) throw beyondEnd
    this.at += count
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw beyondEnd
    return this.#bytes[this.at++] as number
  }

  #uleb(): number {
    let value = 0
    for (let factor = 1; factor < 2 ** 63; factor *= 128) {
      const byte = this.#byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new RangeError('a page header holds an endless number')
  }

  #zigzag(): number {
    const value = this.#uleb()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}
