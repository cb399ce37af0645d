import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringColumns } from '@silt/contracts'
import { decode, decodedRow, rowsOf, type Row } from './decoded.ts'

const columnNames = [...stringColumns.map((each) => each.name), 'metadata', 'interaction_value', 'timestamp']

const space = fc.stringMatching(/^[ \t\r\n]{0,2}$/)
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
const stringJson = fc
  .array(
    fc.oneof(
      text.map((each) => JSON.stringify(each.toWellFormed()).slice(1, -1)),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`),
      fc.constantFrom('\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t'),
    ),
    { maxLength: 4 },
  )
  .map((parts) => `"${parts.join('')}"`)
const numberJson = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => JSON.stringify(each)),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,22})(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?$/),
)
const keyJson = fc.oneof(
  fc.constantFrom(...columnNames, '__proto__', '_x', 'a').map((name) => `"${name}"`),
  stringJson,
)

const { value: valueJson } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false'),
    numberJson,
    stringJson,
    fc
      .array(tie('value'), { maxLength: 3 })
      .chain((items) => space.map((gap) => `[${gap}${items.join(`,${gap}`)}${gap}]`)),
    fc.array(fc.tuple(keyJson, tie('value')), { maxLength: 3 }).map((members) => objectJson(members, ' ')),
  ),
}))
const documentJson = fc
  .tuple(fc.array(fc.tuple(keyJson, valueJson), { maxLength: 8 }), space, space, space)
  .map(([members, gap, before, after]) => before + objectJson(members, gap) + after)

function objectJson(members: readonly (readonly [string, string])[], gap: string): string {
  return `{${gap}${members.map(([key, value]) => `${gap}${key}${gap}:${gap}${value}`).join(`${gap},`)}${gap}}`
}

/** What JSON.parse makes of the bytes. */
function referenceOf(
  bytes: Uint8Array,
): { readonly reason: string } | { readonly members: ReadonlyMap<string, unknown> } {
  if (bytes.length === 0) return { reason: 'empty' }
  if (!isUtf8(bytes)) return { reason: 'invalid-utf8' }
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
  } catch {
    return { reason: 'not-json' }
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return { reason: 'not-an-object' }
  return { members: new Map(Object.entries(parsed)) }
}

/**
 * V8 misreads a key that is one escaped character after another object had a backslash for a key in the same place: in Node 24,
 * `JSON.parse('{"a":1,"\\\\":1}')` and then `JSON.parse('{"a":1,"\\ubc2f":1}')` yields the key `\`. Such documents cannot be judged by it.
 */
const misreadKey = /"\\(?:u[0-9a-fA-F]{4}|[^u])"\s*:/

function expectAsReference(bytes: Uint8Array): void {
  fc.pre(!misreadKey.test(Buffer.from(bytes).toString()))
  const unit = decode([bytes], { evolution: 'rescue' })
  const reference = referenceOf(bytes)
  if ('reason' in reference) {
    expect(rowsOf(unit.deadLetters).map((row) => row['reason'])).toEqual([reference.reason])
    expect(unit.parts).toEqual([])
    return
  }
  expect(unit.deadLetters).toBeUndefined()
  expectValues(rowsOf(unit.parts[0]!.batch)[0]!, reference.members)
}

function expectValues(row: Row, members: ReadonlyMap<string, unknown>): void {
  const rescued = new Map(Object.entries(JSON.parse((row['_rescued'] as string | null) ?? '{}') as object))
  for (const [name, value] of members) {
    if (value === null) {
      expect(rescued.has(name)).toBe(false)
      continue
    }
    const isText = stringColumns.some((each) => each.name === name) || name === 'metadata'
    if (isText && typeof value === 'string') expect(row[name]).toBe(value.toWellFormed())
    else if (isText && (typeof value !== 'object' || name === 'metadata'))
      expect(JSON.parse(row[name] as string)).toEqual(value)
    else if (name === 'interaction_value' && typeof value === 'number' && Number.isFinite(value)) {
      expect(Object.is(row[name], value)).toBe(true)
      if (rescued.has(name)) expect(rescued.get(name)).toBe(value)
    } else if (name === 'interaction_value' || name === 'timestamp') {
      if (rescued.has(name)) expect(rescued.get(name)).toEqual(value)
      else expect(row[name]).not.toBeNull()
    } else expect(rescued.get(name)).toEqual(value)
    if (isText && typeof value !== 'object') expect(rescued.has(name)).toBe(false)
  }
  for (const name of rescued.keys()) expect(members.has(name)).toBe(true)
}

describe('against JSON.parse', () => {
  it('takes every document it takes, with the same values', () => {
    fc.assert(
      fc.property(documentJson, (json) => {
        expectAsReference(Buffer.from(json))
      }),
      { numRuns: 1500 },
    )
  })

  it('says the same of documents with a byte changed, lost or added, or cut short', () => {
    const bytesOf = fc.oneof(documentJson, valueJson).map((json) => Buffer.from(json))
    const mutation = fc.record({
      kind: fc.constantFrom('flip', 'replace', 'drop', 'insert', 'cut', 'copy'),
      at: fc.nat(),
      byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('{}[],:"\\ue.0-+ tfn\0'))),
    })
    fc.assert(
      fc.property(bytesOf, fc.array(mutation, { minLength: 1, maxLength: 3 }), (original, mutations) => {
        let bytes: Uint8Array = original
        for (const each of mutations) bytes = mutated(bytes, each)
        expectAsReference(bytes)
      }),
      { numRuns: 4000 },
    )
  })

  it('is not confused by what follows a value in the slab', () => {
    const pieces = fc.array(
      fc.constantFrom('{}', '{', '"', '}', '1', '{"a":"', '\\', 'é', ' ', '{"a":1', '}}', 'tru', 'e'),
      { minLength: 2, maxLength: 6 },
    )
    fc.assert(
      fc.property(pieces, (values) => {
        const unit = decode(values)
        const reasons = new Map(rowsOf(unit.deadLetters).map((row) => [Number(row['_offset']), row['reason']] as const))
        values.forEach((value, offset) => {
          const reference = referenceOf(Buffer.from(value))
          expect(reasons.get(offset)).toBe('reason' in reference ? reference.reason : undefined)
        })
      }),
    )
  })

  it('finds characters torn between two values invalid in both', () => {
    const euro = Buffer.from('€')
    const unit = decode([
      Buffer.concat([Buffer.from('{}'), euro.subarray(0, 1)]),
      Buffer.concat([euro.subarray(1), Buffer.from('{}')]),
      '{}',
    ])
    expect(rowsOf(unit.deadLetters).map((row) => row['reason'])).toEqual(['invalid-utf8', 'invalid-utf8'])
  })

  it('finds a value that begins within a character invalid, though the slab as a whole is valid', () => {
    const euro = Buffer.from('€')
    const unit = decode([{ key: euro.subarray(0, 1), value: Buffer.concat([euro.subarray(1), Buffer.from('{}')]) }])
    expect(rowsOf(unit.deadLetters).map((row) => row['reason'])).toEqual(['invalid-utf8'])
  })

  it('keeps a million open brackets, and refuses them unclosed, without a deep stack', () => {
    const deep = 1_000_000
    const closed = '['.repeat(deep) + ']'.repeat(deep)
    expect((decodedRow(`{"metadata":${closed}}`, { recordBytesMax: 4_000_000 })['metadata'] as string).length).toBe(
      2 * deep,
    )
    const unit = decode([closed, '['.repeat(deep), '{"a":'.repeat(deep)], { recordBytesMax: 8_000_000 })
    expect(rowsOf(unit.deadLetters).map((row) => row['reason'])).toEqual(['not-an-object', 'not-json', 'not-json'])
  })
})

describe('numbers', () => {
  it('keeps the text of exactly those whose double would be written as another number', () => {
    fc.assert(
      fc.property(numberJson, (json) => {
        const value = JSON.parse(json) as number
        const row = decodedRow(`{"interaction_value":${json}}`)
        const isKept = row['_rescued'] !== null
        expect(row['interaction_value']).toBe(Number.isFinite(value) ? value : null)
        expect(isKept).toBe(!Number.isFinite(value) || !isSameDecimal(json, String(value)))
      }),
      { numRuns: 2000 },
    )
  })
})

/** Equality of two decimals by cross-multiplying to integers. */
function isSameDecimal(left: string, right: string): boolean {
  const parts = [left, right].map((text) => {
    const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)!
    return { digits: BigInt(`${sign}${whole}${fraction}`), exponent: Number(exponent) - fraction.length }
  })
  const least = Math.min(...parts.map((part) => part.exponent))
  const [a, b] = parts.map((part) => part.digits * 10n ** BigInt(part.exponent - least))
  return a === b
}

function mutated(
  bytes: Uint8Array,
  mutation: { readonly kind: string; readonly at: number; readonly byte: number },
): Uint8Array {
  const at = bytes.length === 0 ? 0 : mutation.at % bytes.length
  const before = bytes.subarray(0, at)
  switch (mutation.kind) {
    case 'flip':
      return Buffer.concat([
        before,
        Uint8Array.of((bytes[at] ?? 0) ^ (1 << (mutation.byte & 7))),
        bytes.subarray(at + 1),
      ])
    case 'replace':
      return Buffer.concat([before, Uint8Array.of(mutation.byte), bytes.subarray(at + 1)])
    case 'drop':
      return Buffer.concat([before, bytes.subarray(at + 1)])
    case 'insert':
      return Buffer.concat([before, Uint8Array.of(mutation.byte), bytes.subarray(at)])
    case 'copy':
      return Buffer.concat([bytes, bytes.subarray(at)])
    default:
      return before
  }
}
