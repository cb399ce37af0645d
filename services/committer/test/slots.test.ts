import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterSmallVersion, nextSlotWallMs, openSlots, slotDue } from '../src/slots.ts'

describe('slots of small units', () => {
  it('are open at once after a quiet interval, else at the next slot', () => {
    const slots = afterSmallVersion(openSlots(1000, 0), 5000)
    expect(slotDue(slots, 5999)).toBe(false)
    expect(slotDue(slots, 6000)).toBe(true)
    expect(slotDue(slots, 9999)).toBe(true)
  })

  it('keep their beat when timers are a little late', () => {
    let slots = afterSmallVersion(openSlots(1000, 0), 0)
    for (let second = 1; second <= 60; second++) {
      expect(slotDue(slots, second * 1000 + 20)).toBe(true)
      slots = afterSmallVersion(slots, second * 1000 + 20)
    }
    expect(slots.nextMs).toBe(61_000)
  })

  it('set a new beat after a version that a full unit brought early', () => {
    const slots = afterSmallVersion(afterSmallVersion(openSlots(1000, 0), 0), 400)
    expect(slots.nextMs).toBe(1400)
  })

  it('are told in wall time, never in the past', () => {
    const slots = afterSmallVersion(openSlots(1000, 0), 0)
    expect(nextSlotWallMs(slots, 250, 1_700_000_000_000)).toBe(1_700_000_000_750)
    expect(nextSlotWallMs(slots, 5000, 1_700_000_000_000)).toBe(1_700_000_000_000)
  })

  it('make about one version an interval at most, whenever units come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(700), { maxLength: 200 }), (gaps) => {
        let slots = openSlots(1000, 0)
        let nowMs = 0
        const made: number[] = []
        for (const gap of gaps) {
          nowMs += gap
          if (!slotDue(slots, nowMs)) continue
          made.push(nowMs)
          slots = afterSmallVersion(slots, nowMs)
        }
        for (let index = 1; index < made.length; index++)
          expect((made[index] ?? 0) - (made[index - 1] ?? 0)).toBeGreaterThanOrEqual(900)
        expect(made.length).toBeLessThanOrEqual(nowMs / 1000 + 1)
      }),
    )
  })
})
