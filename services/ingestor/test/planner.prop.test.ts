import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holesOf, outstandingRanges, type PlanState } from '../src/plan-state.ts'
import { World, type WorldOptions } from './support/world.ts'

/** PartitionPlan 1 and 2, and every bound of the settings. */
function checkPlan(state: PlanState, world: World): void {
  const { settings } = world
  expect(state.units.size).toBeLessThanOrEqual(settings.unitsInFlightMax)
  const topicIds = new Set(
    [...state.units.values()].filter((unit) => unit.kind === 'small').map((unit) => unit.topicId),
  )
  expect([...state.units.values()].filter((unit) => unit.kind === 'small').length).toBe(topicIds.size)
  let uncommitted = 0
  for (const plan of state.partitions.values()) {
    expect(plan.next).toBeLessThanOrEqual(plan.planned)
    uncommitted += plan.planned - plan.next
    const ranges = outstandingRanges(state, plan.partition)
    const pieces = [...ranges, ...holesOf(state, plan)].sort((a, b) => a.start - b.start)
    let cursor = plan.next
    for (const piece of pieces) {
      expect(piece.start).toBe(cursor)
      expect(piece.endExclusive).toBeGreaterThan(piece.start)
      cursor = piece.endExclusive
    }
    expect(cursor).toBe(plan.planned)
  }
  if (state.units.size > 1) expect(uncommitted).toBeLessThanOrEqual(settings.uncommittedOffsetsMax)
  for (const unit of state.units.values())
    if (unit.ranges.length > 1)
      for (const range of unit.ranges) expect(range.start).toBe(state.partitions.get(range.partition)?.next)
}

function checkCommitted(world: World): void {
  for (let partition = 0; partition < world.options.partitions; partition++) {
    let cursor = 0
    for (const range of world.committed.filter((each) => each.partition === partition)) {
      expect(range.start).toBe(cursor)
      cursor = range.endExclusive
    }
    expect(cursor).toBe(world.readable[partition])
  }
}

const chance = fc.constantFrom(0, 0.05, 0.3)

test('whatever is lost, doubled, shortened or rebalanced, plans keep their bounds and every offset is committed once', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.integer({ min: 1, max: 2 ** 31 }),
        rate: fc.constantFrom(5, 300, 6000),
        backlog: fc.constantFrom(0, 900, 40_000),
        writers: fc.integer({ min: 1, max: 4 }),
        lose: chance,
        duplicate: chance,
        shorten: chance,
        owners: fc.constantFrom(
          [[0, 1, 2]],
          [[0], [1, 2]],
          [
            [0, 1, 2],
            [1, 2],
          ],
        ),
        unitsInFlightMax: fc.constantFrom(1, 3, 16),
        empties: fc.boolean(),
      }),
      ({ unitsInFlightMax, empties, ...rest }) => {
        const options: WorldOptions = {
          ...rest,
          partitions: 3,
          settings: { unitsInFlightMax, unitMaxOffsets: 4000, unitFirstOffsets: 1000, uncommittedOffsetsMax: 20_000 },
        }
        const world = new World(options)
        for (let second = 0; second < 12; second++) {
          world.run(1000)
          for (const state of world.states) checkPlan(state, world)
          if (second === 5) world.rebalance(options.owners.length === 2 ? [[0, 1], [2]] : [[0, 1, 2]])
          if (second === 8 && empties) world.loseQueues()
        }
        world.producing = false
        world.faults = false
        for (let round = 0; round < 400 && world.uncommitted > 0; round++) {
          world.run(1000)
          for (const state of world.states) checkPlan(state, world)
        }
        checkCommitted(world)
      },
    ),
    { numRuns: 300 },
  )
})
