import { failure } from '../values/sql-value.ts'
import type { BindingScope } from './binding-scope.ts'
import type { Operand } from './bound.ts'
import { not } from './logic.ts'

/** LIKE over characters: `%` any number of them, `_` one; the escape makes either, and itself, stand for itself. */
export function like(
  scope: BindingScope,
  operand: Operand,
  pattern: Operand,
  { escape, isNegated }: { readonly escape: string; readonly isNegated: boolean },
  at: number,
): Operand {
  const text = scope.coerce(operand, 'string', 'LIKE')
  const asked = scope.coerce(pattern, 'string', 'LIKE')
  if (!asked.isConstant) throw scope.unsupported('LIKE with a pattern that differs by row', pattern.at)
  let last: { pattern: string; parts: readonly Part[] } | undefined
  const matched = scope.strict(at, 'boolean', [text, asked], (value, source) => {
    if (source.toString().length > patternCharsMax)
      throw failure(`a pattern of more than ${patternCharsMax} characters`)
    if (last?.pattern !== source) last = { pattern: source as string, parts: partsOf(source as string, escape) }
    return matches(value as string, last.parts)
  })
  return isNegated ? not(scope, matched, at) : matched
}

/** With the length of a value it bounds the time one value takes. */
const patternCharsMax = 256

const anyCharacter = Symbol('_')
const anyText = Symbol('%')
type Part = string | typeof anyCharacter | typeof anyText

function partsOf(pattern: string, escape: string): readonly Part[] {
  const characters = Array.from(pattern)
  const parts: Part[] = []
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index]!
    if (character === escape) {
      const next = characters[++index]
      if (next !== '%' && next !== '_' && next !== escape)
        throw failure(`the pattern ${JSON.stringify(pattern)} escapes what needs no escape`)
      parts.push(next)
    } else if (character === '_') parts.push(anyCharacter)
    else if (character === '%') {
      if (parts.at(-1) !== anyText) parts.push(anyText)
    } else parts.push(character)
  }
  return parts
}

/** Takes time in the product of both lengths at most: on a mismatch only the last `%` takes one character more. */
function matches(text: string, parts: readonly Part[]): boolean {
  let [at, part] = [0, 0]
  let [retryAt, retryPart] = [-1, -1]
  while (at < text.length) {
    const wanted = parts[part]
    if (wanted === anyText) {
      retryPart = ++part
      retryAt = at
    } else if (wanted === anyCharacter) {
      at = characterEnd(text, at)
      part++
    } else if (wanted !== undefined && text.startsWith(wanted, at)) {
      at += wanted.length
      part++
    } else if (retryPart >= 0) {
      at = retryAt = characterEnd(text, retryAt)
      part = retryPart
    } else return false
  }
  while (parts[part] === anyText) part++
  return part === parts.length
}

function characterEnd(text: string, at: number): number {
  return at + (text.codePointAt(at)! > 0xffff ? 2 : 1)
}
