import { expect, test } from 'vitest'
import { judgeWindow, type Sample, type Struck } from './freshness.ts'

const fault = (what: string, fromMs: number, toMs: number): Struck => ({ window: 1, what, fromMs, toMs })

/** A sample each second of five minutes; `age` in seconds by second. */
function samples(age: (second: number) => number, seen: (second: number) => number = () => 1): Sample[] {
  return Array.from({ length: 300 }, (_, second) => ({
    atMs: second * 1000,
    ageMs: age(second) * 1000,
    seenAgeMs: seen(second) * 1000,
  }))
}

const last = fault('kill-writer writer-1', 220_000, 225_000)

test('a window is fresh when its table catches up within a minute of the last fault', () => {
  const judged = judgeWindow(
    1,
    samples((second) => (second < 260 ? 40 : 2)),
    [last],
  )
  expect(judged).toMatchObject({ isFresh: true, freshAfterMs: 35_000, calmAgeMs: 2_000 })
})

test('a table that takes longer than a minute is stale', () => {
  expect(
    judgeWindow(
      1,
      samples((second) => (second < 290 ? 31 : 2)),
      [last],
    ),
  ).toMatchObject({
    isFresh: false,
    freshAfterMs: 65_000,
  })
})

test('a table that was fresh and falls behind again in the calm is stale', () => {
  const judged = judgeWindow(
    1,
    samples((second) => (second === 299 ? 30 : 2)),
    [last],
  )
  expect(judged).toMatchObject({ isFresh: false, freshAfterMs: undefined, calmAgeMs: 30_000 })
})

test('a reader that sees nothing new proves nothing', () => {
  const blind = samples(
    () => 0,
    (second) => Math.max(0, second - 200),
  )
  expect(judgeWindow(1, blind, [last]).isFresh).toBe(false)
})

test('a window whose calm was not looked at is stale', () => {
  expect(judgeWindow(1, samples(() => 0).slice(0, 280), [last]).isFresh).toBe(false)
  expect(judgeWindow(1, [], [last]).isFresh).toBe(false)
})

test('the longest stall is told with the faults of its time, the one that began it first', () => {
  const judged = judgeWindow(
    1,
    samples((second) => (second >= 100 && second <= 120 ? second - 100 : 0)),
    [
      fault('flush-redis', 60_000, 60_010),
      fault('cut-kafka all', 110_000, 130_000),
      fault('kill-broker 2', 98_000, 109_000),
      last,
    ],
  )
  expect(judged.longestStallMs).toBe(20_000)
  expect(judged.stalledFromMs).toBe(100_000)
  expect(judged.causes).toEqual(['kill-broker 2', 'cut-kafka all'])
})
