import { charCode } from './char-code.ts'

/**
 * Steps over one JSON value (RFC 8259, exactly what JSON.parse accepts) in UTF-8 bytes already known to be valid.
 *
 * Every method returns the position after what it stepped over, or -1 if that is not JSON.
 * 1. The byte after the text is 0 (the caller's sentinel): no byte of JSON, so every loop stops there without testing for the end.
 * 2. Depth costs one byte of heap a level and no stack: a million open brackets are as safe as one.
 */
export class JsonSkipper {
  /** Whether the string last stepped over has a backslash. */
  hasEscape = false
  #open = new Uint8Array(depthKept)

  /** `at` is the first byte of a value. */
  skipValue(bytes: Uint8Array, at: number): number {
    const first = bytes[at]!
    if (first === charCode.quote) return this.skipString(bytes, at)
    if (first === charCode.openBrace || first === charCode.openBracket) return this.#skipContainer(bytes, at)
    return skipScalar(bytes, at)
  }

  /** `at` is the opening quote. */
  skipString(bytes: Uint8Array, at: number): number {
    this.hasEscape = false
    let position = at + 1
    for (;;) {
      let byte = bytes[position]!
      while (byte > charCode.quote && byte !== charCode.backslash) byte = bytes[++position]!
      if (byte === charCode.quote) return position + 1
      if (byte === charCode.backslash) {
        this.hasEscape = true
        position = skipEscape(bytes, position)
        if (position < 0) return -1
      } else if (byte < 0x20) return -1
      else position++
    }
  }

  #skipContainer(bytes: Uint8Array, at: number): number {
    let depth = 0
    let position = at
    for (;;) {
      const first = bytes[position]!
      if (first === charCode.quote) position = this.skipString(bytes, position)
      else if (first === charCode.openBrace || first === charCode.openBracket) {
        if (depth === this.#open.length) this.#grow()
        this.#open[depth++] = first
        position = skipWhitespace(bytes, position + 1)
        // The closing character is two above the opening one for both brackets and braces.
        if (bytes[position] === first + 2) {
          depth--
          position++
        } else {
          if (first === charCode.openBrace) position = this.skipKey(bytes, position)
          if (position < 0) return this.#leave(-1)
          continue
        }
      } else position = skipScalar(bytes, position)
      if (position < 0) return this.#leave(-1)

      for (;;) {
        if (depth === 0) return this.#leave(position)
        position = skipWhitespace(bytes, position)
        const opened = this.#open[depth - 1]!
        const next = bytes[position]!
        if (next === charCode.comma) {
          position = skipWhitespace(bytes, position + 1)
          if (opened === charCode.openBrace) position = this.skipKey(bytes, position)
          if (position < 0) return this.#leave(-1)
          break
        }
        if (next !== opened + 2) return this.#leave(-1)
        depth--
        position++
      }
    }
  }

  /** A key, its colon and the space around: to the first byte of the member's value. */
  skipKey(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== charCode.quote) return -1
    const end = this.skipString(bytes, at)
    return end < 0 ? -1 : skipColon(bytes, end)
  }

  #grow(): void {
    const larger = new Uint8Array(this.#open.length * 4)
    larger.set(this.#open)
    this.#open = larger
  }

  /** Gives the memory of an unusually deep value back. */
  #leave(position: number): number {
    if (this.#open.length > depthKept) this.#open = new Uint8Array(depthKept)
    return position
  }
}

const depthKept = 1024

export function skipWhitespace(bytes: Uint8Array, at: number): number {
  let position = at
  let byte = bytes[position]!
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++position]!
  return position
}

export function skipColon(bytes: Uint8Array, at: number): number {
  const position = bytes[at] === charCode.colon ? at : skipWhitespace(bytes, at)
  if (bytes[position] !== charCode.colon) return -1
  return bytes[position + 1]! > 0x20 ? position + 1 : skipWhitespace(bytes, position + 1)
}

/** number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ( "e" / "E" ) [ "-" / "+" ] 1*digit ] */
export function skipNumber(bytes: Uint8Array, at: number): number {
  let position = at
  let byte = bytes[position]!
  if (byte === charCode.minus) byte = bytes[++position]!
  if (byte === charCode.zero) byte = bytes[++position]!
  else {
    if (byte < charCode.zero || byte > charCode.nine) return -1
    do byte = bytes[++position]!
    while (byte >= charCode.zero && byte <= charCode.nine)
  }
  if (byte === charCode.dot) {
    byte = bytes[++position]!
    if (byte < charCode.zero || byte > charCode.nine) return -1
    do byte = bytes[++position]!
    while (byte >= charCode.zero && byte <= charCode.nine)
  }
  if (byte === 0x65 || byte === 0x45) {
    byte = bytes[++position]!
    if (byte === charCode.plus || byte === charCode.minus) byte = bytes[++position]!
    if (byte < charCode.zero || byte > charCode.nine) return -1
    do byte = bytes[++position]!
    while (byte >= charCode.zero && byte <= charCode.nine)
  }
  return position
}

function skipScalar(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case charCode.t:
      return bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65 ? at + 4 : -1
    case charCode.f:
      return bytes[at + 1] === 0x61 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x73 && bytes[at + 4] === 0x65
        ? at + 5
        : -1
    case charCode.n:
      return bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c ? at + 4 : -1
    default:
      return skipNumber(bytes, at)
  }
}

/** `at` is the backslash. */
function skipEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at + 1]) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at + 2
    case 0x75:
      return isHex(bytes[at + 2]!) && isHex(bytes[at + 3]!) && isHex(bytes[at + 4]!) && isHex(bytes[at + 5]!)
        ? at + 6
        : -1
    default:
      return -1
  }
}

function isHex(byte: number): boolean {
  const lower = byte | 0x20
  return (byte >= charCode.zero && byte <= charCode.nine) || (lower >= 0x61 && lower <= 0x66)
}
