import { concatenate } from '../binding/arithmetic.ts'
import { failure } from '../values/sql-value.ts'
import { lengthOf, sliceText } from '../values/text.ts'
import { requireCount, strictFunction, type FunctionRule } from './function-rule.ts'

const length = strictFunction(['string'], 'integer', (text) => lengthOf(text as string))

/** From 1; 0 is 1 as well, negative positions count from the end. A negative length gives nothing. */
const substring = strictFunction(
  ['string', 'integer', 'integer'],
  'string',
  (text, from, count) => {
    const total = lengthOf(text as string)
    const position = from as number
    const start = position > 0 ? position - 1 : position < 0 ? total + position : 0
    const end = count === undefined ? total : Math.min(total, start + (count as number))
    return sliceText(text as string, start, end)
  },
  1,
)

const concat: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 1, 1_000)
  return concatenate(scope, operands, site.at)
}

/** `trim(x)`, and with characters to take off instead of spaces: first in `trim(characters, x)`, second in `btrim(x, characters)`. */
const trim = (takesStart: boolean, takesEnd: boolean, isTextFirst = false): FunctionRule =>
  strictFunction(
    ['string', 'string'],
    'string',
    (first, second) => {
      const [text, characters] = second === undefined || isTextFirst ? [first, second] : [second, first]
      const set = new Set(characters === undefined ? [' '] : Array.from(characters as string))
      return trimmed(text as string, set, takesStart, takesEnd)
    },
    1,
  )

function trimmed(text: string, set: ReadonlySet<string>, takesStart: boolean, takesEnd: boolean): string {
  const characters = Array.from(text)
  let [start, end] = [0, characters.length]
  while (takesStart && start < end && set.has(characters[start]!)) start++
  while (takesEnd && end > start && set.has(characters[end - 1]!)) end--
  return characters.slice(start, end).join('')
}

/** What a value may grow to, in characters. */
const textCharsMax = 16 * 1024 * 1024

const pad = (isLeft: boolean): FunctionRule =>
  strictFunction(
    ['string', 'integer', 'string'],
    'string',
    (text, width, filling) => {
      const wanted = Math.max(0, width as number)
      if (wanted > textCharsMax) throw failure(`a text of ${wanted} characters`)
      const missing = wanted - lengthOf(text as string)
      const fill = filling === undefined ? ' ' : (filling as string)
      if (missing <= 0 || fill === '') return sliceText(text as string, 0, wanted)
      const repeated = sliceText(fill.repeat(Math.ceil(missing / lengthOf(fill))), 0, missing)
      return isLeft ? `${repeated}${text as string}` : `${text as string}${repeated}`
    },
    1,
  )

const replace = strictFunction(
  ['string', 'string', 'string'],
  'string',
  (text, from, to) => {
    if (from === '') return text as string
    const parts = (text as string).split(from as string)
    const by = to === undefined ? '' : (to as string)
    if ((text as string).length + (parts.length - 1) * by.length > textCharsMax)
      throw failure('a text that grows beyond 16 MiB')
    return parts.join(by)
  },
  1,
)

const twoTexts = (test: (text: string, other: string) => boolean): FunctionRule =>
  strictFunction(['string', 'string'], 'boolean', (text, other) => test(text as string, other as string))

export const textFunctions: readonly (readonly [string, FunctionRule])[] = [
  ['concat', concat],
  ['lower', strictFunction(['string'], 'string', (text) => (text as string).toLowerCase())],
  ['lcase', strictFunction(['string'], 'string', (text) => (text as string).toLowerCase())],
  ['upper', strictFunction(['string'], 'string', (text) => (text as string).toUpperCase())],
  ['ucase', strictFunction(['string'], 'string', (text) => (text as string).toUpperCase())],
  ['length', length],
  ['len', length],
  ['char_length', length],
  ['character_length', length],
  ['substring', substring],
  ['trim', trim(true, true)],
  ['btrim', trim(true, true, true)],
  ['ltrim', trim(true, false)],
  ['rtrim', trim(false, true)],
  [
    'left',
    strictFunction(['string', 'integer'], 'string', (text, count) => sliceText(text as string, 0, count as number)),
  ],
  [
    'right',
    strictFunction(['string', 'integer'], 'string', (text, count) => {
      const total = lengthOf(text as string)
      return sliceText(text as string, Math.max(0, total - (count as number)), total)
    }),
  ],
  ['lpad', pad(true)],
  ['rpad', pad(false)],
  ['replace', replace],
  ['startswith', twoTexts((text, other) => text.startsWith(other))],
  ['endswith', twoTexts((text, other) => text.endsWith(other))],
  ['contains', twoTexts((text, other) => text.includes(other))],
  [
    'instr',
    strictFunction(['string', 'string'], 'integer', (text, other) => {
      const index = (text as string).indexOf(other as string)
      return index < 0 ? 0 : lengthOf((text as string).slice(0, index)) + 1
    }),
  ],
]
