import { expect, test } from 'vitest'
import { ReadableAge } from '../src/readable-age.ts'

test('the oldest uncommitted offset is as old as the first look at which it was readable', () => {
  const age = new ReadableAge()
  age.look(0, 10, 1000)
  age.look(0, 10, 2000)
  age.look(0, 30, 3000)
  expect(age.ageMs(0, 5000)).toBe(4000)
  expect(age.ageMs(10, 5000)).toBe(2000)
  expect(age.ageMs(30, 5000)).toBe(0)
})

test('what was committed is forgotten, and a readable end that went back begins anew', () => {
  const age = new ReadableAge()
  age.look(0, 10, 1000)
  age.look(10, 10, 2000)
  age.look(10, 20, 3000)
  expect(age.ageMs(10, 4000)).toBe(1000)
  age.look(0, 5, 6000)
  expect(age.ageMs(0, 7000)).toBe(1000)
})

test('however long the backlog grows, the age is kept within a bound and never too young', () => {
  const age = new ReadableAge()
  for (let second = 0; second < 5000; second++) age.look(0, second + 1, second * 1000)
  for (const offset of [0, 1, 777, 2500, 4998]) {
    const truth = 5_000_000 - offset * 1000
    expect(age.ageMs(offset, 5_000_000)).toBeGreaterThanOrEqual(truth)
    expect(age.ageMs(offset, 5_000_000)).toBeLessThanOrEqual(truth + 5_000_000 / 64)
  }
})
