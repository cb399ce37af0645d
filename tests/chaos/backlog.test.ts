import { expect, test } from 'vitest'
import { Backlog } from './backlog.ts'

test('the oldest that waits in any partition decides the age', () => {
  const backlog = new Backlog()
  expect(backlog.ageMs(1_000)).toBe(0)
  backlog.read(0, 1_000, 9)
  backlog.read(0, 1_500, 12)
  backlog.read(1, 1_200, 4)
  expect(backlog.ageMs(2_000)).toBe(1_000)
  backlog.committed(0, 10)
  expect(backlog.ageMs(2_000)).toBe(800)
  backlog.committed(1, 5)
  expect(backlog.ageMs(2_000)).toBe(500)
  backlog.committed(0, 12)
  expect(backlog.ageMs(2_000)).toBe(500)
  backlog.committed(0, 13)
  expect(backlog.ageMs(2_000)).toBe(0)
  expect(backlog.seenAgeMs(2_000)).toBe(500)
})

test('what the table holds before it is read does not wait', () => {
  const backlog = new Backlog()
  backlog.committed(0, 20)
  backlog.committed(0, 10)
  backlog.read(0, 1_000, 19)
  expect(backlog.ageMs(9_000)).toBe(0)
})
