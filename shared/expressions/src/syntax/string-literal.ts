import { syntaxFault } from './faults.ts'

export function isQuote(char: string): boolean {
  return char === "'" || char === '"'
}

/**
 * The string literal that begins at `at`: in single or double quotes, with Spark's escapes, a quote doubled within it standing for one (as in Spark 4
 * and the standard; Spark 3 drops it), or raw (`r'…'`). `expressions/syntax` where it does not end.
 */
export function readString(text: string, at: number): { readonly value: string; readonly end: number } {
  const isRaw = !isQuote(text[at]!)
  const start = isRaw ? at + 1 : at
  const quote = text[start]!
  let value = ''
  let next = start + 1
  for (;;) {
    const char = text[next]
    if (char === undefined) throw syntaxFault(text, at, 'a string does not end')
    if (char === quote) {
      if (isRaw || text[next + 1] !== quote) return { value, end: next + 1 }
      value += quote
      next += 2
    } else if (char === '\\' && !isRaw) {
      const escape = readEscape(text, next)
      value += escape.value
      next = escape.end
    } else {
      value += char
      next++
    }
  }
}

/** The literal that reads back as `value`. */
export function quoteString(value: string): string {
  // A backslash before % or _ would read as the escape of LIKE, which keeps both.
  return `'${value.replace(/[\\'"\0\b\n\r\t\u001a]/g, (char) => written[char] ?? char)}'`
}

const simple: Readonly<Record<string, string>> = {
  '0': '\0',
  "'": "'",
  '"': '"',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\u001a',
  '\\': '\\',
  '%': '\\%',
  _: '\\_',
}

const written: Readonly<Record<string, string>> = {
  '\0': '\\u0000',
  "'": "\\'",
  '"': '\\"',
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\u001a': '\\Z',
  '\\': '\\\\',
}

const octal = /[0-1][0-7][0-7]/y
const unicode = /u([0-9a-fA-F]{4})/y
const wideUnicode = /U([0-9a-fA-F]{8})/y

function readEscape(text: string, at: number): { value: string; end: number } {
  const code = codeOf(octal, text, at + 1, 0, 8) ?? codeOf(unicode, text, at + 1, 1, 16)
  if (code !== undefined) return { value: String.fromCharCode(code.value), end: code.end }
  const wide = codeOf(wideUnicode, text, at + 1, 1, 16)
  if (wide !== undefined) {
    if (wide.value > 0x10ffff) throw syntaxFault(text, at, 'no such code point')
    return { value: String.fromCodePoint(wide.value), end: wide.end }
  }
  const char = text[at + 1]
  if (char === undefined) throw syntaxFault(text, at, 'a string does not end')
  return { value: simple[char] ?? char, end: at + 2 }
}

function codeOf(pattern: RegExp, text: string, at: number, group: number, radix: number) {
  pattern.lastIndex = at
  const found = pattern.exec(text)
  return found === null ? undefined : { value: Number.parseInt(found[group]!, radix), end: pattern.lastIndex }
}
