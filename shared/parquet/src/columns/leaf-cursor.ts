import type { CompressionCodec, ParquetType } from 'hyparquet'
import type { ChunkBytes } from './chunk-bytes.ts'
import { readHybridRuns } from './hybrid-runs.ts'
import { inflate } from './inflate.ts'
import { pageType, readPageHeader, type PageHeader } from './page-header.ts'
import { readPageValues, type PageValues } from './page-values.ts'

/** A leaf column as the file's schema has it. */
export interface Leaf {
  readonly path: readonly string[]
  readonly type: ParquetType
  readonly levelMax: number
  /** 0, or 1 for a leaf below one list or map. */
  readonly repeatMax: number
}

/** A part of a page: entries are slots, or items of lists. */
export interface Segment {
  /** Definition level of each entry. */
  readonly levels: Uint8Array
  /** Repetition level of each entry, of a leaf below a list. */
  readonly repeats: Uint8Array | undefined
  readonly values: PageValues
  /** The first present value of this segment. */
  readonly firstValue: number
}

interface Page {
  readonly levels: Uint8Array
  readonly repeats: Uint8Array | undefined
  readonly values: PageValues
  /** Entries and values taken already. */
  entry: number
  value: number
}

/** Page headers are some ten bytes, more with statistics. */
const headerBytesExpected = 64 * 1024
const headerBytesMax = 16 * 1024 * 1024

/** Reads one column chunk, page by page. Throws RangeError for a damaged one, and what the source throws. */
export class LeafCursor {
  readonly leaf: Leaf
  readonly #codec: CompressionCodec
  readonly #bytes: ChunkBytes
  #entriesLeft: number
  #dictionary: PageValues | undefined
  #page: Page | undefined

  constructor(leaf: Leaf, chunk: { readonly codec: CompressionCodec; readonly entries: number }, bytes: ChunkBytes) {
    this.leaf = leaf
    this.#codec = chunk.codec
    this.#entriesLeft = chunk.entries
    this.#bytes = bytes
  }

  /** The next `rows` rows. */
  async take(rows: number): Promise<Segment[]> {
    const segments: Segment[] = []
    let missing = rows
    while (missing > 0) {
      const page = await this.#openPage()
      if (page === undefined) throw new RangeError('a column has fewer rows than its row group')
      const [count, taken] =
        page.repeats === undefined ? flat(page, missing) : nested(page.repeats, page.entry, missing)
      segments.push(this.#segment(page, count))
      missing -= taken
    }
    // Items of the last row's list may go on in the next page.
    while (this.leaf.repeatMax > 0 && (this.#page !== undefined || this.#entriesLeft > 0)) {
      const page = await this.#openPage()
      if (page?.repeats === undefined || page.repeats[page.entry] === 0) break
      segments.push(this.#segment(page, itemsOn(page.repeats, page.entry)))
    }
    return segments
  }

  #segment(page: Page, count: number): Segment {
    const end = page.entry + count
    const levels = page.levels.subarray(page.entry, end)
    const repeats = page.repeats?.subarray(page.entry, end)
    const segment = { levels, repeats, values: page.values, firstValue: page.value }
    page.entry = end
    page.value += present(levels, this.leaf.levelMax)
    if (end === page.levels.length) this.#page = undefined
    return segment
  }

  async #openPage(): Promise<Page | undefined> {
    while (this.#page === undefined && this.#entriesLeft > 0 && this.#bytes.left > 0) {
      const header = await this.#readHeader()
      const whole = await this.#bytes.ahead(header.compressedBytes)
      if (whole.length < header.compressedBytes) throw new RangeError('a page goes on beyond its column chunk')
      const body = whole.subarray(0, header.compressedBytes)
      this.#bytes.skip(header.compressedBytes)
      if (header.type === pageType.dictionary) this.#dictionary = this.#readDictionary(header, body)
      else if (header.type === pageType.data || header.type === pageType.dataV2) this.#readPage(header, body)
      else if (header.type !== pageType.index) throw new RangeError(`a page of type ${header.type}`)
    }
    if (this.#page === undefined) this.#bytes.close()
    return this.#page
  }

  async #readHeader(): Promise<PageHeader> {
    for (let count = headerBytesExpected; ; count *= 16) {
      const bytes = await this.#bytes.ahead(count)
      const header = readPageHeader(bytes, 0)
      if (header !== undefined) {
        this.#bytes.skip(header.headerBytes)
        return header
      }
      if (bytes.length < count || count > headerBytesMax) throw new RangeError('a column chunk ends in a page header')
    }
  }

  #readDictionary(header: PageHeader, body: Uint8Array): PageValues {
    const bytes = inflate(this.#codec, body, header.plainBytes)
    if (header.valueCount > bytes.length * 8) throw new RangeError('a dictionary of more values than it has bits')
    return readPageValues(this.leaf.type, bytes, 0, {
      encoding: 0,
      count: header.valueCount,
      dictionary: undefined,
    })
  }

  #readPage(header: PageHeader, body: Uint8Array): void {
    const { leaf } = this
    const count = header.valueCount
    if (count > this.#entriesLeft) throw new RangeError('a page of more values than its column chunk')
    this.#entriesLeft -= count
    if (count === 0) return
    const levels = new Uint8Array(count)
    const repeats = leaf.repeatMax > 0 ? new Uint8Array(count) : undefined
    let bytes: Uint8Array
    let at = 0
    if (header.levels === undefined) {
      bytes = inflate(this.#codec, body, header.plainBytes)
      if (repeats !== undefined) at = readLevels(bytes, at, leaf.repeatMax, repeats)
      if (leaf.levelMax > 0) at = readLevels(bytes, at, leaf.levelMax, levels)
    } else {
      const { definitionBytes, repetitionBytes, isCompressed } = header.levels
      const levelBytes = definitionBytes + repetitionBytes
      if (levelBytes > body.length) throw new RangeError('levels go on beyond their page')
      if (repeats !== undefined) readHybridRuns(body, 0, repetitionBytes, bitsOf(leaf.repeatMax), repeats)
      if (leaf.levelMax > 0) readHybridRuns(body, repetitionBytes, levelBytes, bitsOf(leaf.levelMax), levels)
      const rest = body.subarray(levelBytes)
      const isPacked = isCompressed && rest.length > 0
      bytes = isPacked ? inflate(this.#codec, rest, header.plainBytes - levelBytes) : rest
    }
    const values = readPageValues(leaf.type, bytes, at, {
      encoding: header.encoding,
      count: present(levels, leaf.levelMax),
      dictionary: this.#dictionary,
    })
    this.#page = { levels, repeats, values, entry: 0, value: 0 }
  }
}

function flat(page: Page, rows: number): readonly [entries: number, rows: number] {
  const count = Math.min(rows, page.levels.length - page.entry)
  return [count, count]
}

/** Entries of the next rows: each begins at repetition level 0, the first may go on from the page before. */
function nested(repeats: Uint8Array, from: number, rows: number): readonly [entries: number, rows: number] {
  let taken = 0
  let at = from
  for (; at < repeats.length; at++) {
    if (repeats[at] !== 0) continue
    if (taken === rows) break
    taken++
  }
  return [at - from, taken]
}

function itemsOn(repeats: Uint8Array, from: number): number {
  let at = from
  while (at < repeats.length && repeats[at] !== 0) at++
  return at - from
}

function present(levels: Uint8Array, levelMax: number): number {
  if (levelMax === 0) return levels.length
  let count = 0
  for (let index = 0; index < levels.length; index++) if (levels[index] === levelMax) count++
  return count
}

function bitsOf(levelMax: number): number {
  return 32 - Math.clz32(levelMax)
}

function readLevels(bytes: Uint8Array, at: number, levelMax: number, into: Uint8Array): number {
  if (at + 4 > bytes.length) throw new RangeError('a page ends in its levels')
  const size = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true)
  const end = at + 4 + size
  if (end > bytes.length) throw new RangeError('levels go on beyond their page')
  readHybridRuns(bytes, at + 4, end, bitsOf(levelMax), into)
  return end
}
