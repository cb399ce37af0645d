import { SiltError } from '@silt/core'

/** `expressions/syntax` (invalid): the text is not what Spark's grammar knows as one; `at` is the offset of the character at fault. */
export function syntaxFault(text: string, at: number, what: string): SiltError {
  return fault('invalid', 'expressions/syntax', text, at, what)
}

/** `expressions/unsupported` (unsupported): Spark may know it, Silt does not evaluate it. */
export function unsupportedFault(text: string, at: number, what: string): SiltError {
  return fault('unsupported', 'expressions/unsupported', text, at, what)
}

const excerptChars = 40

function fault(kind: 'invalid' | 'unsupported', code: string, text: string, at: number, what: string): SiltError {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const column = at - before.lastIndexOf('\n')
  const rest = text.slice(at, at + excerptChars).toWellFormed()
  const place = at >= text.length ? 'at the end' : `at ${JSON.stringify(rest)}`
  return new SiltError(kind, code, `${what} (line ${line}, column ${column}, ${place})`, { context: { line, column } })
}
