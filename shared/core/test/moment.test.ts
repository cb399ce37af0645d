import { expect, test } from 'vitest'
import { momentOf, msSince } from '../src/index.ts'

const at = (steadyMs: number, wallMs: number): { monotonicMs: () => number; nowMs: () => number } => ({
  monotonicMs: () => steadyMs,
  nowMs: () => wallMs,
})

const answered = (storeMs: number | undefined): { newestAnswerMs: () => number | undefined } => ({
  newestAnswerMs: () => storeMs,
})

test.each([
  ['both clocks went on alike', 7000, 7000],
  ['the machine slept: its steady clock stood still', 10, 7000],
  ['the wall clock was set back an hour', 7000, -3_593_000],
])('a moment is as old as the clock says that says more: %s', (_, steady, wall) => {
  const began = momentOf(at(5, 1_700_000_000_000))
  expect(msSince(began, at(5 + steady, 1_700_000_000_000 + wall))).toBe(7000)
})

test.each([
  ['a halted machine of which both clocks stood still: the store has answered since', 1000, 8000, 7000],
  ['the store answered by a server whose clock lags', 9000, 1000, 10],
  ['no store had answered yet', undefined, 8000, 10],
])('a moment is as old as the store says, where its own clocks say less: %s', (_, before, after, old) => {
  const began = momentOf(at(5, 1_700_000_000_000), answered(before))
  expect(msSince(began, at(15, 1_700_000_000_000), answered(after))).toBe(old)
})
