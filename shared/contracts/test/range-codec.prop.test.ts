import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUnitTags, rangesTag, unitTag, unitTags, type CountedRange } from '../src/index.ts'

const countedRange = fc
  .record({
    partition: fc.nat(),
    start: fc.integer({ min: 0, max: 2 ** 53 - 3_000_000 }),
    restart: fc.nat(9),
    rows: fc.nat(1_000_000),
    deadLetters: fc.nat(1_000_000),
    gaps: fc.nat(1_000_000),
  })
  .filter((range) => range.rows + range.deadLetters + range.gaps > 0)
  .map((range): CountedRange => {
    const read = range.rows + range.deadLetters
    return { ...range, read, endExclusive: range.start + read + range.gaps }
  })

describe('tags of an add', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(countedRange), fc.option(fc.string()), (ranges, topicId) => {
        const unit = { unitId: '0123456789abcdef', topic: 'events', topicId, ranges }
        expect(parseUnitTags(unitTags(unit))).toEqual(unit)
      }),
    )
  })

  it("of another engine's file say nothing", () => {
    expect(parseUnitTags(undefined)).toBeUndefined()
    expect(parseUnitTags({ other: 'x' })).toBeUndefined()
  })

  it.each([['{'], ['{"topic":"t","topicId":null,"ranges":[[0,5,9,0,1,1,1]]}'], ['{"topic":"t","ranges":[[0,5]]}']])(
    'that are broken are an error: %s',
    (text) => {
      expect(() => parseUnitTags({ [unitTag]: '0123456789abcdef', [rangesTag]: text })).toThrow('cannot be read')
    },
  )
})
