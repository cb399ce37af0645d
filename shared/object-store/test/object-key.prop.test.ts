import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys, folderOf, isKey, requirePrefix } from '../src/object-key.ts'

const keys = fc
  .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter(isKey)

test('keys compare as their UTF-8 bytes', () => {
  const strings = fc.string({ unit: 'binary', maxLength: 6 })
  fc.assert(
    fc.property(strings, strings, (left, right) => {
      const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right))
      expect(Math.sign(compareKeys(left, right))).toBe(bytes)
    }),
  )
  expect(compareKeys('\uffee', '😀')).toBeLessThan(0)
})

test('a key has no segment that leads elsewhere', () => {
  fc.assert(
    fc.property(keys, (key) => {
      for (const segment of key.split('/')) expect(['', '.', '..']).not.toContain(segment)
      expect(isKey(`${key}/../x`)).toBe(false)
      expect(isKey(`/${key}`)).toBe(false)
      expect(isKey(`${key}/`)).toBe(false)
    }),
  )
})

test('every beginning of a key is a prefix, and begins with the folder of the key or lies above it', () => {
  fc.assert(
    fc.property(keys, fc.nat(), (key, cut) => {
      const prefix = key.slice(0, cut % (key.length + 1))
      fc.pre(prefix.isWellFormed())
      requirePrefix(prefix)
      expect(key.startsWith(folderOf(prefix))).toBe(true)
    }),
  )
})
