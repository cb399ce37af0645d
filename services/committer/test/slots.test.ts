import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterArrival, afterSmallVersion, nextSlotWallMs, openSlots, slotDue, versionDueMs } from '../src/slots.ts'

describe('slots of small units', () => {
  it('are open at once after a quiet interval, else at the next slot', () => {
    const slots = afterSmallVersion(openSlots(1000, 0), 5000, 1)
    expect(slotDue(slots, 5999)).toBe(false)
    expect(slotDue(slots, 6000)).toBe(true)
    expect(slotDue(slots, 9999)).toBe(true)
  })

  it('keep their beat when timers are a little late', () => {
    let slots = afterSmallVersion(openSlots(1000, 0), 0, 1)
    for (let second = 1; second <= 60; second++) {
      expect(slotDue(slots, second * 1000 + 20)).toBe(true)
      slots = afterSmallVersion(slots, second * 1000 + 20, 1)
    }
    expect(slots.nextMs).toBe(61_000)
  })

  it('set a new beat after a version that a full unit brought early', () => {
    const slots = afterSmallVersion(afterSmallVersion(openSlots(1000, 0), 0, 1), 400, 1)
    expect(slots.nextMs).toBe(1400)
  })

  it('are told in wall time, never in the past', () => {
    const slots = afterSmallVersion(openSlots(1000, 0), 0, 1)
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
          slots = afterSmallVersion(slots, nowMs, 1)
        }
        for (let index = 1; index < made.length; index++)
          expect((made[index] ?? 0) - (made[index - 1] ?? 0)).toBeGreaterThanOrEqual(900)
        expect(made.length).toBeLessThanOrEqual(nowMs / 1000 + 1)
      }),
    )
  })
})

describe('company at a slot', () => {
  const two = afterSmallVersion(openSlots(1000, 0), 0, 2)

  it('is not waited for when as many units are there as last time', () => {
    expect(versionDueMs(two, { units: 2, firstMs: 950 })).toBe(1000)
    expect(versionDueMs(two, { units: 2, firstMs: 1030 })).toBe(1000)
    expect(versionDueMs(afterSmallVersion(openSlots(1000, 0), 0, 1), { units: 1, firstMs: 950 })).toBe(1000)
  })

  it('is waited for a moment from the slot, or from the first unit after it', () => {
    expect(versionDueMs(two, { units: 1, firstMs: 950 })).toBe(1150)
    expect(versionDueMs(two, { units: 1, firstMs: 1030 })).toBe(1180)
  })

  it('is not waited for after a quiet interval', () => {
    expect(versionDueMs(two, { units: 1, firstMs: 2000 })).toBe(1000)
  })

  it('that did not come is not expected again, and the beat goes on from the version that waited', () => {
    const alone = afterSmallVersion(two, versionDueMs(two, { units: 1, firstMs: 950 }), 1)
    expect(alone.nextMs).toBe(2150)
    expect(versionDueMs(alone, { units: 1, firstMs: 1950 })).toBe(2150)
  })

  it('that a full unit split by coming early is still expected', () => {
    const early = afterSmallVersion(two, 500, 1)
    expect(versionDueMs(early, { units: 1, firstMs: 1400 })).toBe(1650)
  })

  it('that came just too late is expected at the next slot beside the others, one in good time for that slot is not', () => {
    const one = afterSmallVersion(openSlots(1000, 0), 0, 1)
    expect(versionDueMs(afterArrival(one, 30), { units: 1, firstMs: 30 })).toBe(1150)
    expect(versionDueMs(afterArrival(one, 900), { units: 1, firstMs: 900 })).toBe(1000)
    expect(versionDueMs(afterArrival(openSlots(1000, 0), 30), { units: 1, firstMs: 30 })).toBe(0)
  })
})
