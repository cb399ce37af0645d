import { isSiltError, seededRandom } from '@silt/core'
import { compile } from '@silt/expressions'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseExpression } from '../../src/syntax/parse-expression.ts'
import { printExpression } from '../../src/syntax/print.ts'
import { givenSchema } from '../spark/given-rows.ts'
import { randomExpression } from '../spark/random-expression.ts'

const anyExpression = fc.integer().map((seed) => randomExpression(seededRandom(seed), 4))

test('what is printed of an expression parses to the same', () => {
  fc.assert(
    fc.property(anyExpression, (text) => {
      // A few of the random ones chain predicates, which no grammar of Spark's allows.
      fc.pre(parses(text))
      const parsed = parseExpression(text)
      const printed = printExpression(parsed)
      expect(withoutPlaces(parseExpression(printed))).toEqual(withoutPlaces(parsed))
      expect(printExpression(parseExpression(printed))).toBe(printed)
    }),
    { numRuns: 500 },
  )
})

/** Pieces of the grammar in any order: most are no expression. */
const pieces = fc.constantFrom(
  ...[
    'a',
    'i',
    's',
    'NULL',
    'NOT',
    'AND',
    'OR',
    'IN',
    'BETWEEN',
    'LIKE',
    'IS',
    'CASE',
    'WHEN',
    'THEN',
    'END',
    'CAST',
    'AS',
    'INT',
    'DATE',
    'INTERVAL',
  ],
  ...[
    '(',
    ')',
    ',',
    '.',
    '<',
    '<=>',
    '=',
    '+',
    '-',
    '/',
    '||',
    '::',
    "'x'",
    '"',
    "'",
    '`',
    '1',
    '1.5',
    '1e9',
    '--',
    '/*',
    '*/',
    '1BD',
    "r'",
    '\\',
    '\u{1f600}',
  ],
)

test('no text crashes the compiler: it compiles, or the error is named and has its place', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(' ')),
        fc.string({ maxLength: 60 }),
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc
          .tuple(anyExpression, fc.nat(), fc.nat())
          .map(([text, from, to]) => text.slice(0, from % 40) + text.slice(to % 60)),
      ),
      (text) => {
        try {
          compile(text, givenSchema)
        } catch (error) {
          if (!isSiltError(error)) throw error
          expect(['expressions/syntax', 'expressions/unsupported']).toContain(error.code)
          expect(error.context).toMatchObject({
            line: expect.any(Number) as unknown,
            column: expect.any(Number) as unknown,
          })
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test('texts too long, too deep or of too many tokens are refused, not tried', () => {
  const refused = (text: string): string => {
    try {
      compile(text, givenSchema)
      return 'compiled'
    } catch (error) {
      if (!isSiltError(error, 'expressions/unsupported')) throw error
      return error.message
    }
  }
  expect(refused(`s = '${'x'.repeat(70_000)}'`)).toContain('more than 65536 characters')
  expect(refused(`${'('.repeat(200)}1${')'.repeat(200)}`)).toContain('nesting deeper than 100')
  expect(refused(`${'- '.repeat(200)}i`)).toContain('nesting deeper than 100')
  expect(refused(`${'NOT '.repeat(200)}bo`)).toContain('nesting deeper than 100')
  expect(refused(`${'CASE WHEN bo THEN '.repeat(200)}1${' END'.repeat(200)}`)).toContain('nesting deeper than 100')
  expect(refused(Array.from({ length: 3000 }, () => 'i').join('+'))).toContain('more than 4096 tokens')
  expect(refused(Array.from({ length: 1300 }, () => 'bo').join(' AND '))).toBe('compiled')
  expect(refused(Array.from({ length: 350 }, () => '1D').join('+'))).toBe('compiled')
  expect(refused(Array.from({ length: 2000 }, () => '1D').join('+'))).toContain(
    'more than 400 operations within each other',
  )
  const nested = Array.from({ length: 16 }).reduce<string>((inner) => `(${inner})${'||s'.repeat(120)}`, 's')
  expect(refused(nested)).toContain('more than 400 operations within each other')
  expect(refused(`i IN (${Array.from({ length: 2000 }, (_, index) => index).join(',')})`)).toBe('compiled')
})

function parses(text: string): boolean {
  try {
    parseExpression(text)
    return true
  } catch (error) {
    if (isSiltError(error, 'expressions/syntax')) return false
    throw error
  }
}

function withoutPlaces(tree: unknown): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) => {
      if (key === 'at') return undefined
      if (typeof value === 'bigint') return `${value}n`
      return value instanceof Uint8Array ? [...value] : value
    }),
  ) as unknown
}
