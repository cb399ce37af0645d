import { seededRandom } from '@silt/core'
import { expect, test } from 'vitest'
import { growthOf, type Point } from './growth.ts'

/** Half an hour, a point each five seconds; `value` by minute. */
function points(value: (minute: number) => number): Point[] {
  return Array.from({ length: 360 }, (_, index) => ({ atMs: index * 5_000, value: value(index / 12) }))
}

test('what rises steadily grows, by so much an hour', () => {
  const { grows, perHour } = growthOf(
    points((minute) => 100 + minute),
    1,
  )
  expect(grows).toBe(true)
  expect(perHour).toBeCloseTo(60)
})

test('what rises at first and then stays does not grow', () => {
  expect(
    growthOf(
      points((minute) => Math.min(100, 20 + 10 * minute)),
      1,
    ),
  ).toMatchObject({ grows: false, median: 100 })
})

test('noise and the teeth of a garbage collector are no growth', () => {
  const random = seededRandom(4)
  expect(
    growthOf(
      points((minute) => 100 + (minute % 3) * 10 + random.next() * 20),
      1,
    ).grows,
  ).toBe(false)
})

test('a small figure may rise by its floor', () => {
  const rising = points((minute) => 10 + minute / 5)
  expect(growthOf(rising, 8).grows).toBe(false)
  expect(growthOf(rising, 2).grows).toBe(true)
})

test('what falls does not grow', () => {
  expect(
    growthOf(
      points((minute) => 100 - minute),
      1,
    ).grows,
  ).toBe(false)
})

test('two points at one time tell no slope', () => {
  expect(() => growthOf([{ atMs: 1, value: 1 }], 1)).toThrow('too few')
})
