import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OffsetSet } from '../../src/audit/offset-set.ts'

test('tells new from duplicate and outside', () => {
  const set = new OffsetSet(10, 20)
  expect([9, 10, 10, 19, 20].map((offset) => set.add(offset))).toEqual([
    'outside',
    'new',
    'duplicate',
    'new',
    'outside',
  ])
  expect(set.size).toBe(2)
})

test('counts within any range as a plain set would', () => {
  const offsets = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 })
  fc.assert(
    fc.property(
      offsets,
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 0, max: 320 }),
      fc.integer({ min: 0, max: 320 }),
      (list, first, start, end) => {
        const set = new OffsetSet(first, 280)
        const plain = new Set(list.filter((offset) => offset >= first && offset < 280))
        for (const offset of list) set.add(offset)
        expect(set.size).toBe(plain.size)
        expect(set.countWithin(start, end)).toBe([...plain].filter((offset) => offset >= start && offset < end).length)
      },
    ),
  )
})
