import { expect, test } from 'vitest'
import { faultKinds, ruleOf } from './faults.ts'
import { calmMs, drawSchedule, type Fault } from './schedule.ts'

const seeds = Array.from({ length: 50 }, (_, index) => index + 1)

test('a seed draws the same faults again, another seed others', () => {
  expect(drawSchedule(7, 40)).toEqual(drawSchedule(7, 40))
  expect(drawSchedule(7, 40)).not.toEqual(drawSchedule(8, 40))
})

test('forty minutes are eight windows with two hundred faults and more, each kind in each window that has room for it', () => {
  for (const seed of seeds) {
    const windows = drawSchedule(seed, 40)
    expect(windows).toHaveLength(8)
    const kinds = windows.flatMap(({ faults }) => faults.map(({ kind }) => kind))
    expect(kinds.length).toBeGreaterThanOrEqual(200)
    for (const kind of faultKinds) expect(kinds.filter((each) => each === kind).length, kind).toBeGreaterThanOrEqual(4)
  }
})

test('faults are over before the calm of their window', () => {
  for (const minutes of [2, 3, 5, 40])
    for (const { lengthMs, faultsMs, faults } of seeds.flatMap((seed) => drawSchedule(seed, minutes))) {
      expect(lengthMs - faultsMs).toBe(calmMs)
      expect(faults.length).toBeGreaterThan(0)
      for (const { atMs, lastsMs } of faults) expect(atMs + lastsMs).toBeLessThanOrEqual(faultsMs)
    }
})

test('a second broker is not struck before the first is back', () => {
  for (const { faults } of seeds.flatMap((seed) => drawSchedule(seed, 40))) {
    const brokers = faults.filter(({ kind }) => ruleOf(kind).act === 'broker')
    brokers.slice(1).forEach((fault, index) => {
      const before = brokers[index] as Fault
      expect(fault.atMs).toBeGreaterThanOrEqual(before.atMs + before.lastsMs + 30_000)
    })
  }
})

test('no process is stopped while it is stopped', () => {
  for (const { faults } of seeds.flatMap((seed) => drawSchedule(seed, 40))) {
    const freezes = faults.filter(({ kind, target }) => ruleOf(kind).act === 'freeze' && target !== 'active')
    for (const [index, one] of freezes.entries())
      for (const later of freezes.slice(index + 1))
        if (later.target === one.target) expect(later.atMs).toBeGreaterThanOrEqual(one.atMs + one.lastsMs)
  }
})

test('too short a run is refused by the setting to raise', () => {
  expect(() => drawSchedule(1, 1)).toThrow('--minutes')
})
