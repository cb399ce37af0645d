import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRoaringArray } from '../../src/deletion-vectors/roaring.ts'
import { encodeRoaringArray, type ContainerForm } from '../support/roaring-writer.ts'

// Stretches beside single rows, so that every form of container comes up, also beyond 2^32.
const stretch = fc
  .tuple(fc.constantFrom(0, 65_500, 3 * 65_536, 2 ** 32, 2 ** 40), fc.nat(200_000), fc.constantFrom(1, 5, 300, 70_000))
  .map(([base, from, length]) => Array.from({ length }, (_, index) => base + from + index))
const sparse = fc.array(fc.nat(2 ** 34), { maxLength: 50 })
const dense = fc.nat(3).map((seed) => Array.from({ length: 30_000 }, (_, index) => index * 2 + seed))
const rows = fc
  .array(fc.oneof(stretch, sparse, { weight: 1, arbitrary: dense }), { maxLength: 4 })
  .map((parts) => parts.flat())
const forms = fc.func(fc.constantFrom<ContainerForm>('array', 'bits', 'runs'))

describe('a roaring bitmap', () => {
  it('decodes to what was encoded, and knows each row', () => {
    fc.assert(
      fc.property(rows, forms, fc.array(fc.nat(2 ** 20), { maxLength: 20 }), (some, formOf, probes) => {
        const wanted = [...new Set(some)].sort((a, b) => a - b)
        const decoded = decodeRoaringArray(encodeRoaringArray(some, formOf))
        expect(decoded.count).toBe(wanted.length)
        expect([...decoded.values()]).toEqual(wanted)
        const set = new Set(wanted)
        for (const row of [...probes, ...wanted.slice(0, 20)]) expect(decoded.has(row)).toBe(set.has(row))
      }),
      { numRuns: 40 },
    )
  })

  it('that is damaged anywhere is read as some set of rows or is a RangeError, and nothing else', () => {
    const sound = encodeRoaringArray([1, 2, 3, 70_000, 2 ** 32 + 1], (count) => (count > 2 ? 'runs' : 'array'))
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length), (at, value, length) => {
        const damaged = Uint8Array.from(sound).subarray(0, length)
        if (at < length) damaged[at] = value
        try {
          decodeRoaringArray(damaged)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
