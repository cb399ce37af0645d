import { eventTableSchema } from '@silt/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planGroup, type GroupPlan } from '../src/group-commit.ts'
import { HeldJobs, type HeldUnit } from '../src/held-jobs.ts'
import { judgeUnit, type LedgerTable } from '../src/ledger.ts'
import { indexProgress } from '../src/progress-index.ts'
import { unitJob, type UnitShape } from './support/jobs.ts'

type Ranges = readonly (readonly [number, number, number])[]
const table: LedgerTable = {
  id: 'table',
  schema: eventTableSchema,
  partitionColumns: [],
  progress: indexProgress(new Map([0, 1, 2].map((partition) => [`silt:events:topic-id:${partition}`, 0]))),
  columnsMax: 200,
  putNotBeforeMs: undefined,
}
const wide = { actionsMax: 1000, bytesMax: 1e9 }
const nobody = { answer: () => undefined, giveBack: () => undefined }

function holding(...units: readonly (readonly [Ranges, UnitShape?])[]): HeldJobs {
  const held = new HeldJobs()
  for (const [ranges, shape] of units)
    held.addUnit({ job: unitJob('table', ranges, shape), arrivedMs: 0, arrivedReading: 0, end: nobody })
  return held
}
const plan = (held: HeldJobs, limits = wide, deadLettersPending = false): GroupPlan =>
  planGroup(held, table, { limits, deadLettersPending })
const rangesOf = (units: Iterable<HeldUnit>): Ranges[] =>
  [...units].map((unit) => unit.job.ranges.map((each) => [each.partition, each.start, each.endExclusive] as const))

describe('a group', () => {
  it('takes ranges one after another, and a shared unit when all its ranges fit', () => {
    const held = holding(
      [[[0, 4, 6]]],
      [
        [
          [0, 2, 4],
          [1, 3, 5],
        ],
      ],
      [[[1, 0, 3]]],
      [[[0, 0, 2]]],
    )
    expect(rangesOf(plan(held).group.units)).toEqual([
      [[1, 0, 3]],
      [[0, 0, 2]],
      [
        [0, 2, 4],
        [1, 3, 5],
      ],
      [[0, 4, 6]],
    ])
  })

  it('leaves a shared unit, and all behind it, while one of its ranges is ahead', () => {
    const held = holding(
      [
        [
          [0, 0, 2],
          [1, 3, 5],
        ],
      ],
      [[[0, 2, 4]]],
    )
    expect(plan(held).group.units).toEqual([])
    expect(plan(held).reachable.size).toBe(0)
  })

  it('stops at its bounds, but takes at least one unit', () => {
    const held = holding([[[0, 0, 1]]], [[[0, 1, 2]]], [[[1, 0, 1]]])
    expect(rangesOf(plan(held, { actionsMax: 6, bytesMax: 1e9 }).group.units)).toHaveLength(2)
    expect(rangesOf(plan(held, { actionsMax: 1, bytesMax: 1e9 }).group.units)).toHaveLength(1)
    expect(rangesOf(plan(held, { actionsMax: 100, bytesMax: 1 }).group.units)).toHaveLength(1)
    expect(plan(held, { actionsMax: 1, bytesMax: 1 }).reachable.size).toBe(3)
  })

  it('takes no unit with dead letters while an earlier record waits; it stays reachable', () => {
    const held = holding([[[0, 0, 1]], { deadLetters: 1 }], [[[0, 1, 2]]], [[[1, 0, 1]]])
    expect(rangesOf(plan(held, wide, true).group.units)).toEqual([[[1, 0, 1]]])
    expect(plan(held, wide, true).reachable.size).toBe(3)
  })

  it('takes nothing of a partition that has not begun, or was restarted since', () => {
    expect(plan(holding([[[9, 0, 1]]])).group.units).toEqual([])
    expect(plan(holding([[[0, 0, 1]], { restart: 1 }])).group.units).toEqual([])
  })

  it('is urgent when it holds a full unit', () => {
    expect(plan(holding([[[0, 0, 1]]])).urgent).toBe(false)
    expect(plan(holding([[[0, 0, 1]]], [[[1, 0, 1]], { full: true }])).urgent).toBe(true)
    expect(plan(holding([[[0, 0, 1]]], [[[1, 5, 6]], { full: true }])).urgent).toBe(false)
  })

  it('of any units joins up with txn, and is as long as it can be', () => {
    const range = fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 3 }))
    const shape = fc.array(fc.option(range), { minLength: 3, maxLength: 3 })
    const units = fc.array(
      shape.map((ranges) =>
        ranges.flatMap((each, partition) => (each === null ? [] : [[partition, each[0], each[0] + each[1]] as const])),
      ),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(units, (shapes) => {
        const held = holding(...shapes.filter((each) => each.length > 0).map((each) => [each] as const))
        const next = [0, 0, 0]
        const taken = new Set(plan(held).group.units)
        for (const unit of taken)
          for (const each of unit.job.ranges) {
            expect(each.start).toBe(next[each.partition])
            next[each.partition] = each.endExclusive
          }
        for (const unit of held.units)
          if (!taken.has(unit)) expect(unit.job.ranges.every((each) => each.start === next[each.partition])).toBe(false)
      }),
    )
  })

  it('forgets a removed unit', () => {
    const held = holding([[[0, 0, 1]]], [[[0, 0, 2]]])
    const [first] = [...held.units]
    if (first !== undefined) held.remove(first)
    expect(rangesOf(plan(held).group.units)).toEqual([[[0, 0, 2]]])
    expect(judgeUnit(unitJob('table', [[0, 0, 2]]), table).kind).toBe('ready')
  })
})
