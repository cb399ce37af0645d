import { syntaxFault, unsupportedFault } from './faults.ts'
import { isQuote, readString } from './string-literal.ts'

/**
 * word: an identifier or keyword as written; quoted: a backquoted identifier, without its quotes; string: a literal, unescaped;
 * number: digits, point and exponent, the suffix apart in `suffix`; symbol: an operator or a bracket; end: behind the last.
 */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end'
  readonly text: string
  /** Upper case of a word; of anything else its text. */
  readonly upper: string
  /** Upper case suffix of a number: '', L, S, Y, F, D, BD. */
  readonly suffix: string
  /** Offset in the text, in UTF-16 units. */
  readonly at: number
}

/** Bounds of one text, in UTF-16 units and in tokens. */
const textCharsMax = 65_536
const tokensMax = 4_096

/**
 * The tokens of a text, the end token last; Spark's lexer (SqlBaseLexer), without what no expression and no CREATE TABLE needs.
 * Errors: `expressions/syntax`, `expressions/unsupported` where a bound is passed.
 */
export function tokenize(text: string): readonly Token[] {
  if (text.length > textCharsMax)
    throw unsupportedFault(text, textCharsMax, `a text of more than ${textCharsMax} characters`)
  const tokens: Token[] = []
  let at = skipSpace(text, 0)
  while (at < text.length) {
    if (tokens.length >= tokensMax) throw unsupportedFault(text, at, `an expression of more than ${tokensMax} tokens`)
    const [token, end] = readToken(text, at)
    tokens.push(token)
    at = skipSpace(text, end)
  }
  tokens.push(tokenOf('end', '', text.length))
  return tokens
}

const space = /[ \t\n\f\r\v\u00a0\u1680\u2000-\u200a\u2028\u202f\u205f\u3000]+/y
const lineComment = /--[^\r\n]*/y
const word = /[\p{L}_][\p{L}\p{Nd}_]*/uy
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
const suffix = /(?:BD|[LSYFD])/iy
const wordPart = /[\p{L}\p{Nd}_]/uy
/** Longest first. */
const symbols = ['<=>', '<>', '!=', '<=', '>=', '==', '||', '::', ...'+-*/%=<>!(),.;[]:&|^~?@{}#$']

function readToken(text: string, at: number): [Token, number] {
  const char = text[at]!
  if (isQuote(char) || ((char === 'r' || char === 'R') && isQuote(text[at + 1] ?? ''))) {
    const { value, end } = readString(text, at)
    return [tokenOf('string', value, at), end]
  }
  if (char === '`') return readQuoted(text, at)
  const digits = match(number, text, at)
  if (digits !== undefined) return readNumber(text, at, digits)
  const letters = match(word, text, at)
  if (letters !== undefined) return [tokenOf('word', letters, at), at + letters.length]
  const symbol = symbols.find((each) => text.startsWith(each, at))
  if (symbol === undefined) throw syntaxFault(text, at, 'no such character in an expression')
  return [tokenOf('symbol', symbol, at), at + symbol.length]
}

function readNumber(text: string, at: number, digits: string): [Token, number] {
  const ending = match(suffix, text, at + digits.length)?.toUpperCase() ?? ''
  const end = at + digits.length + ending.length
  if (match(wordPart, text, end) !== undefined) throw syntaxFault(text, at, 'a number runs into a name')
  return [{ ...tokenOf('number', digits, at), suffix: ending }, end]
}

/** "``" within backquotes stands for one. */
function readQuoted(text: string, at: number): [Token, number] {
  let name = ''
  let from = at + 1
  for (;;) {
    const end = text.indexOf('`', from)
    if (end < 0) throw syntaxFault(text, at, 'a backquoted name does not end')
    name += text.slice(from, end)
    if (text[end + 1] !== '`') {
      if (name === '') throw syntaxFault(text, at, 'an empty name')
      return [tokenOf('quoted', name, at), end + 1]
    }
    name += '`'
    from = end + 2
  }
}

function skipSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    const skipped = match(space, text, at) ?? match(lineComment, text, at)
    if (skipped !== undefined) at += skipped.length
    else if (text.startsWith('/*', at)) {
      if (text[at + 2] === '+') throw unsupportedFault(text, at, 'hints')
      const end = text.indexOf('*/', at + 2)
      if (end < 0) throw syntaxFault(text, at, 'a comment does not end')
      if (text.slice(at + 2, end).includes('/*')) throw unsupportedFault(text, at, 'comments within comments')
      at = end + 2
    } else return at
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function tokenOf(kind: Token['kind'], text: string, at: number): Token {
  return { kind, text, upper: kind === 'word' ? text.toUpperCase() : text, suffix: '', at }
}
