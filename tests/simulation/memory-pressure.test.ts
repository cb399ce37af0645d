import { expect, test } from 'vitest'
import { drawsFor } from './draws.ts'
import { MemoryPressure } from './memory-pressure.ts'

/** A record dies of memory that is short at 0, and its writer stands still for an hour. How long after it wakes memory is short again, ms. */
function shortAgainAfterMs(seed: number): number {
  let nowMs = 0
  const pressure = new MemoryPressure(
    () => nowMs,
    drawsFor(seed),
    () => 1,
  )
  expect(pressure.kills(1)).toBe(true)
  const wokeMs = 3_600_000
  nowMs = wokeMs
  pressure.woke()
  while (!pressure.kills(1)) nowMs += 100
  return nowMs - wokeMs
}

test('memory is not short again before a record whose writer stood still has been judged: schedule 200027248', () => {
  for (let seed = 1; seed <= 20; seed++) expect(shortAgainAfterMs(seed)).toBeGreaterThanOrEqual(8000)
})
