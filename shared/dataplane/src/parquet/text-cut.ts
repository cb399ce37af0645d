import { isUtf8 } from 'node:buffer'

/** How much of `bytes`, at most `bytesMax`, ends between two characters. Bytes that are not UTF-8 are cut anywhere. */
export function cutAtCharacter(bytes: Uint8Array, bytesMax: number): number {
  if (bytes.byteLength <= bytesMax) return bytes.byteLength
  let cut = bytesMax
  while (cut > 0 && cut > bytesMax - 4 && isContinuation(bytes[cut])) cut--
  return isContinuation(bytes[cut]) ? bytesMax : cut
}

/** The bytes of the first `codePointsMax` characters. */
export function cutAtCodePoints(bytes: Uint8Array, codePointsMax: number): number {
  let codePoints = 0
  let cut = 0
  while (cut < bytes.byteLength) {
    if (!isContinuation(bytes[cut]) && codePoints++ === codePointsMax) break
    cut++
  }
  return cut
}

/** The shortest string of bytes after everything that begins with `prefix`, itself text where `prefix` is; undefined where there is none. */
export function raised(prefix: Uint8Array, isText: boolean): Buffer | undefined {
  if (isText && isUtf8(prefix)) {
    const text = raisedText(Buffer.from(prefix).toString())
    return text === undefined ? undefined : Buffer.from(text)
  }
  let last = prefix.byteLength - 1
  while (last >= 0 && prefix[last] === 0xff) last--
  if (last < 0) return undefined
  const bytes = Buffer.from(prefix.subarray(0, last + 1))
  bytes[last] = (bytes[last] ?? 0) + 1
  return bytes
}

function raisedText(prefix: string): string | undefined {
  const codePoints = Array.from(prefix)
  for (let last = codePoints.length - 1; last >= 0; last--) {
    const codePoint = codePoints[last]?.codePointAt(0) ?? 0
    if (codePoint === 0x10ffff) continue
    // D7FF's successor among characters is E000: what lies between are surrogates.
    const next = codePoint === 0xd7ff ? 0xe000 : codePoint + 1
    return codePoints.slice(0, last).join('') + String.fromCodePoint(next)
  }
  return undefined
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
