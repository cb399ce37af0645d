import { describe, expect, test } from 'vitest'
import { cutTimeMs, dueRule, firstPacing, leadMs, withLead, withSlot, type Pacing } from '../src/pacing.ts'

const intervalMs = 1000

function learnt(...leadsMs: readonly number[]): Pacing {
  return leadsMs.reduce(withLead, firstPacing())
}

describe('the lead', () => {
  test('is the median of what the last eight units took', () => {
    expect(leadMs(learnt(30, 40, 35, 50, 45))).toBe(40)
    expect(leadMs(learnt(90, 90, 90, 30, 40, 35, 50, 45, 30, 30, 30))).toBe(30)
  })

  test('is not moved by hiccups, and follows when half the units take longer', () => {
    expect(leadMs(learnt(30, 900, 30, 30, 300, 30))).toBe(30)
    expect(leadMs(learnt(30, 30, 30, 300, 300, 300, 300, 300))).toBe(300)
  })

  test('of the slow first unit is given up with the second', () => {
    expect(leadMs(learnt(900))).toBe(900)
    expect(leadMs(learnt(900, 40))).toBe(40)
  })

  test('is a guess before the first answer', () => {
    expect(leadMs(firstPacing())).toBeGreaterThan(50)
    expect(leadMs(firstPacing())).toBeLessThan(intervalMs / 2)
  })

  test('never cuts more than an interval before the slot', () => {
    expect(cutTimeMs(withSlot(learnt(5000), 2000, 1500, intervalMs), intervalMs)).toBe(1000)
  })
})

describe('what waits is due', () => {
  const pacing = withSlot(learnt(100, 100), 2000, 1500, intervalMs)

  test('for a slot ahead or just open: within a quarter of an interval after its cut, or as three quarters of a batch', () => {
    expect(dueRule(pacing, 1500, intervalMs)).toEqual({ byMs: 2150, batchShare: 0.75 })
    expect(dueRule(pacing, 2050, intervalMs)).toEqual({ byMs: 2150, batchShare: 0.75 })
  })

  test('with no slot that can be met: now, or as a whole batch', () => {
    expect(dueRule(pacing, 2100, intervalMs)).toEqual({ byMs: 2100, batchShare: 1 })
    expect(dueRule(firstPacing(), 1500, intervalMs)).toEqual({ byMs: 1500, batchShare: 1 })
  })
})
