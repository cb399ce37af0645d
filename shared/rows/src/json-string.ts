import { charCode } from './char-code.ts'

/**
 * Writes the text of a JSON string's inside (between the quotes, valid JSON, valid UTF-8) as UTF-8 into `into` from `at` on; returns the end.
 * The text is never longer than its JSON. A surrogate escape without its other half becomes U+FFFD.
 */
export function unescapeInto(bytes: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  let out = at
  let position = start
  while (position < end) {
    const byte = bytes[position]!
    if (byte !== charCode.backslash) {
      into[out++] = byte
      position++
      continue
    }
    const escape = bytes[position + 1]!
    if (escape !== 0x75) {
      into[out++] = simpleEscape(escape)
      position += 2
      continue
    }
    let codePoint = hex4(bytes, position + 2)
    position += 6
    if (codePoint >= 0xd800 && codePoint < 0xe000) {
      const isPair = codePoint < 0xdc00 && bytes[position] === charCode.backslash && bytes[position + 1] === 0x75
      const low = isPair && position + 6 <= end ? hex4(bytes, position + 2) : 0
      if (low >= 0xdc00 && low < 0xe000) {
        codePoint = 0x10000 + ((codePoint - 0xd800) << 10) + (low - 0xdc00)
        position += 6
      } else codePoint = 0xfffd
    }
    out = writeCodePoint(codePoint, into, out)
  }
  return out
}

function simpleEscape(escape: number): number {
  switch (escape) {
    case 0x62:
      return 0x08
    case 0x66:
      return 0x0c
    case 0x6e:
      return 0x0a
    case 0x72:
      return 0x0d
    case 0x74:
      return 0x09
    default:
      return escape
  }
}

function hex4(bytes: Uint8Array, at: number): number {
  return (hex(bytes[at]!) << 12) | (hex(bytes[at + 1]!) << 8) | (hex(bytes[at + 2]!) << 4) | hex(bytes[at + 3]!)
}

function hex(byte: number): number {
  return byte <= charCode.nine ? byte - charCode.zero : (byte | 0x20) - 0x61 + 10
}

function writeCodePoint(codePoint: number, into: Uint8Array, at: number): number {
  if (codePoint < 0x80) {
    into[at] = codePoint
    return at + 1
  }
  if (codePoint < 0x800) {
    into[at] = 0xc0 | (codePoint >> 6)
    into[at + 1] = 0x80 | (codePoint & 0x3f)
    return at + 2
  }
  if (codePoint < 0x10000) {
    into[at] = 0xe0 | (codePoint >> 12)
    into[at + 1] = 0x80 | ((codePoint >> 6) & 0x3f)
    into[at + 2] = 0x80 | (codePoint & 0x3f)
    return at + 3
  }
  into[at] = 0xf0 | (codePoint >> 18)
  into[at + 1] = 0x80 | ((codePoint >> 12) & 0x3f)
  into[at + 2] = 0x80 | ((codePoint >> 6) & 0x3f)
  into[at + 3] = 0x80 | (codePoint & 0x3f)
  return at + 4
}
