import { charCode } from './char-code.ts'
import { JsonSkipper, skipColon, skipWhitespace } from './json-skipper.ts'
import { unescapeInto } from './json-string.ts'
import { KeyIndex } from './key-index.ts'

/** What a field's JSON is. `absent` is 0, so that forgetting a record's fields is one fill. */
export const jsonKind = {
  absent: 0,
  null: 1,
  string: 2,
  escapedString: 3,
  number: 4,
  true: 5,
  false: 6,
  object: 7,
  array: 8,
} as const

export const scanOutcome = { object: 0, notJson: 1, notAnObject: 2 } as const

/**
 * The top-level fields of one JSON document as slices of its bytes; nested values are checked and stepped over.
 *
 * Fields named by `columns` land in slots by column id: `kinds[id]`, and the value's JSON at `starts[id] .. ends[id]`, quotes included. All others are
 * extras, in order of first appearance. A repeated name, however it is spelled, keeps its last value. Names never become properties of an object.
 */
export class ObjectFields {
  readonly columns = new KeyIndex()
  kinds = new Uint8Array(64)
  starts = new Int32Array(64)
  ends = new Int32Array(64)

  extraCount = 0
  extraNames: string[] = []
  /** The extra's key as its JSON text, quotes included. */
  extraKeyStarts: number[] = []
  extraKeyEnds: number[] = []
  extraKinds: number[] = []
  extraStarts: number[] = []
  extraEnds: number[] = []

  readonly #skipper = new JsonSkipper()
  readonly #extraIds = new Map<string, number>()
  /** Guess of the next column after each, learnt from the last record: producers rarely change a document's order. */
  #successors = new Int32Array(65)

  addColumn(name: string): number {
    const id = this.columns.add(name)
    if (id === this.kinds.length) {
      this.kinds = enlarged(this.kinds, new Uint8Array(id * 2))
      this.starts = enlarged(this.starts, new Int32Array(id * 2))
      this.ends = enlarged(this.ends, new Int32Array(id * 2))
      this.#successors = enlarged(this.#successors, new Int32Array(id * 2 + 1))
    }
    return id
  }

  /**
   * Reads the document at `bytes[start .. end)`: valid UTF-8, writable at `end`, where a sentinel stands in for the time of the call.
   * After any other outcome than `object` the fields are unspecified.
   */
  scan(bytes: Uint8Array, start: number, end: number): number {
    const kept = bytes[end]!
    bytes[end] = 0
    const outcome = this.#scan(bytes, start, end)
    bytes[end] = kept
    return outcome
  }

  #scan(bytes: Uint8Array, start: number, end: number): number {
    this.kinds.fill(0, 0, this.columns.count)
    if (this.extraCount > 0) this.#forgetExtras()
    let position = skipWhitespace(bytes, start)
    if (bytes[position] !== charCode.openBrace) {
      position = this.#skipper.skipValue(bytes, position)
      return position >= 0 && skipWhitespace(bytes, position) === end ? scanOutcome.notAnObject : scanOutcome.notJson
    }
    position = this.#members(bytes, skipWhitespace(bytes, position + 1))
    return position >= 0 && skipWhitespace(bytes, position) === end ? scanOutcome.object : scanOutcome.notJson
  }

  /** From after the opening brace to after the closing one. */
  #members(bytes: Uint8Array, at: number): number {
    const skipper = this.#skipper
    let position = at
    if (bytes[position] === charCode.closeBrace) return position + 1
    // Slot 0 of the successors is what a document starts with; column id + 1 its own.
    let before = 0
    for (;;) {
      if (bytes[position] !== charCode.quote) return -1
      const keyStart = position
      let column = this.#successors[before]!
      let keyEnd: number
      const length = column < this.columns.count ? this.columns.matchQuoted(column, bytes, keyStart + 1) : -1
      if (length >= 0) keyEnd = keyStart + length + 2
      else {
        keyEnd = skipper.skipString(bytes, keyStart)
        if (keyEnd < 0) return -1
        column = skipper.hasEscape
          ? this.#findEscaped(bytes, keyStart + 1, keyEnd - 1)
          : this.columns.find(bytes, keyStart + 1, keyEnd - 1)
        if (column >= 0) this.#successors[before] = column
      }
      if (column >= 0) before = column + 1

      const valueStart = skipColon(bytes, keyEnd)
      if (valueStart < 0) return -1
      const valueEnd = skipper.skipValue(bytes, valueStart)
      if (valueEnd < 0) return -1
      const kind = kindOf(bytes[valueStart]!, skipper.hasEscape)
      if (column >= 0) {
        this.kinds[column] = kind
        this.starts[column] = valueStart
        this.ends[column] = valueEnd
      } else this.#putExtra(bytes, keyStart, keyEnd, kind, valueStart, valueEnd)

      position = bytes[valueEnd] === charCode.comma ? valueEnd : skipWhitespace(bytes, valueEnd)
      if (bytes[position] === charCode.comma) {
        position = bytes[position + 1] === charCode.quote ? position + 1 : skipWhitespace(bytes, position + 1)
        continue
      }
      return bytes[position] === charCode.closeBrace ? position + 1 : -1
    }
  }

  #findEscaped(bytes: Uint8Array, start: number, end: number): number {
    const name = new Uint8Array(end - start)
    return this.columns.find(name, 0, unescapeInto(bytes, start, end, name, 0))
  }

  #putExtra(bytes: Uint8Array, keyStart: number, keyEnd: number, kind: number, start: number, end: number): void {
    const json = textOf(bytes, keyStart, keyEnd)
    // JSON.parse keeps lone surrogates apart, so two such names stay two names.
    const name = json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1)
    let extra = this.#extraIds.get(name)
    if (extra === undefined) {
      extra = this.extraCount++
      this.#extraIds.set(name, extra)
      this.extraNames[extra] = name
    }
    this.extraKeyStarts[extra] = keyStart
    this.extraKeyEnds[extra] = keyEnd
    this.extraKinds[extra] = kind
    this.extraStarts[extra] = start
    this.extraEnds[extra] = end
  }

  #forgetExtras(): void {
    this.#extraIds.clear()
    if (this.extraCount > extrasKept) {
      this.extraNames = []
      this.extraKeyStarts = []
      this.extraKeyEnds = []
      this.extraKinds = []
      this.extraStarts = []
      this.extraEnds = []
    }
    this.extraCount = 0
  }
}

const extrasKept = 1024

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
}

function kindOf(first: number, hasEscape: boolean): number {
  switch (first) {
    case charCode.quote:
      return hasEscape ? jsonKind.escapedString : jsonKind.string
    case charCode.openBrace:
      return jsonKind.object
    case charCode.openBracket:
      return jsonKind.array
    case charCode.n:
      return jsonKind.null
    case charCode.t:
      return jsonKind.true
    case charCode.f:
      return jsonKind.false
    default:
      return jsonKind.number
  }
}

function enlarged<T extends Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
