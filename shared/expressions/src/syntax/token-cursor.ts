import type { SiltError } from '@silt/core'
import { syntaxFault, unsupportedFault } from './faults.ts'
import { tokenize, type Token } from './tokens.ts'

/** How deep brackets, calls, CASE, NOT and types may nest. */
const depthMax = 100

/** Reads the tokens of one text, from first to last. Words are keywords by place alone, as in Spark: any may be a name. */
export class TokenCursor {
  readonly text: string
  readonly #tokens: readonly Token[]
  #index = 0
  #depth = 0

  constructor(text: string) {
    this.text = text
    this.#tokens = tokenize(text)
  }

  get token(): Token {
    return this.#tokens[this.#index]!
  }

  get at(): number {
    return this.token.at
  }

  peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)]!
  }

  take(): Token {
    const { token } = this
    if (token.kind !== 'end') this.#index++
    return token
  }

  isWord(...words: readonly string[]): boolean {
    return words.every((word, ahead) => {
      const token = this.peek(ahead)
      return token.kind === 'word' && token.upper === word
    })
  }

  isSymbol(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol
  }

  /** Takes these words if they come next. */
  acceptWords(...words: readonly string[]): boolean {
    if (!this.isWord(...words)) return false
    this.#index += words.length
    return true
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false
    this.#index++
    return true
  }

  expectWords(...words: readonly string[]): void {
    if (!this.acceptWords(...words)) throw this.expected(words.join(' '))
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.expected(symbol)
  }

  expectName(what: string): string {
    if (this.token.kind !== 'word' && this.token.kind !== 'quoted') throw this.expected(what)
    return this.take().text
  }

  /** A string literal, or several that stand side by side. */
  expectString(what: string): string {
    if (this.token.kind !== 'string') throw this.expected(what)
    let value = ''
    for (let next = this.token; next.kind === 'string'; next = this.token) value += this.take().text
    return value
  }

  expectEnd(): void {
    if (this.token.kind !== 'end') throw this.expected('the end')
  }

  /** Comma-separated, one or more. */
  list<T>(read: () => T): readonly T[] {
    const items = [read()]
    while (this.acceptSymbol(',')) items.push(read())
    return items
  }

  /** `expressions/unsupported` where what `read` reads nests too deep. */
  nested<T>(read: () => T): T {
    if (++this.#depth > depthMax) throw this.unsupported(`nesting deeper than ${depthMax}`)
    const value = read()
    this.#depth--
    return value
  }

  expected(what: string): SiltError {
    return syntaxFault(this.text, this.at, `expected ${what}`)
  }

  unsupported(what: string, at = this.at): SiltError {
    return unsupportedFault(this.text, at, `${what}: not supported`)
  }
}
