import { expect, test } from 'vitest'
import { steadyClock } from '../src/steady-clock.ts'

test('follows the monotonic clock while the wall clock is set, and translates between the two', () => {
  let wallMs = 1_000_000.5
  let monotonicMs = 7.25
  const clock = steadyClock({ nowMs: () => wallMs, monotonicMs: () => monotonicMs, sleep: () => Promise.resolve() })
  const startMs = clock.nowMs()
  expect(startMs).toBe(1_000_000)
  monotonicMs += 500
  wallMs += 499
  expect(clock.nowMs()).toBe(startMs + 500)
  expect(clock.toWallMs(startMs)).toBe(startMs)
  wallMs -= 3_600_000
  expect(clock.nowMs()).toBe(startMs + 500)
  expect(clock.fromWallMs(Math.floor(wallMs) + 250)).toBe(clock.nowMs() + 250)
  expect(clock.toWallMs(clock.nowMs())).toBe(Math.floor(wallMs))
})
