/** Spark's order of texts, that of their UTF-8 bytes: by code point, where JavaScript compares UTF-16 units. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const [a, b] = [left.charCodeAt(index), right.charCodeAt(index)]
    if (a !== b) return codePointRank(a) - codePointRank(b)
  }
  return left.length - right.length
}

/** Surrogates stand for code points above all that one unit holds. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** Without what casts take off either end: spaces and control characters. */
export function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(unit: number): boolean {
  return unit <= 0x20 || unit === 0x7f
}

/** Characters, as Spark counts them: code points. */
export function lengthOf(text: string): number {
  let length = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    const next = text.charCodeAt(index + 1)
    if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) {
      length--
      index++
    }
  }
  return length
}

/** Characters `[start, end)`, counted in code points; ends beyond the text are its ends. */
export function sliceText(text: string, start: number, end: number): string {
  if (end <= start) return ''
  if (lengthOf(text) === text.length) return text.slice(Math.max(0, start), Math.max(0, end))
  return Array.from(text).slice(Math.max(0, start), Math.max(0, end)).join('')
}
