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
  for (const { deadly, next, partition } of state.partitions.values()) {
    let end = next
    for (const piece of deadly) {
      expect(piece.start).toBeGreaterThanOrEqual(end)
      expect(piece.endExclusive).toBeGreaterThan(piece.start)
      end = piece.endExclusive
      for (const range of outstandingRanges(state, partition))
        expect(range.endExclusive <= piece.start || range.start >= piece.endExclusive || isWithin(range, piece)).toBe(
          true,
        )
    }
  }
  if (state.units.size > 1) expect(uncommitted).toBeLessThanOrEqual(settings.uncommittedOffsetsMax)
  for (const unit of state.units.values())
    if (unit.ranges.length > 1)
      for (const range of unit.ranges) expect(range.start).toBe(state.partitions.get(range.partition)?.next)
}

function isWithin(a: { start: number; endExclusive: number }, b: { start: number; endExclusive: number }): boolean {
  return a.start >= b.start && a.endExclusive <= b.endExclusive
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

test('whatever kills decoders, units are cut smaller until what is at fault is alone, and nothing else is condemned', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.integer({ min: 1, max: 2 ** 31 }),
        poison: fc.array(fc.record({ partition: fc.nat(2), offset: fc.nat(2999) }), { minLength: 1, maxLength: 6 }),
        writers: fc.integer({ min: 1, max: 4 }),
        lose: chance,
        duplicate: chance,
        die: fc.constantFrom(0, 0.02),
        unitsInFlightMax: fc.constantFrom(1, 3, 16),
        unitMaxOffsets: fc.constantFrom(500, 4000),
        rebalances: fc.boolean(),
      }),
      ({ unitsInFlightMax, unitMaxOffsets, rebalances, poison, ...rest }) => {
        const world = new World({
          ...rest,
          partitions: 3,
          owners: [[0, 1, 2], []],
          rate: 300,
          backlog: 9000,
          poison: [0, 1, 2].map((p) => new Set(poison.flatMap((each) => (each.partition === p ? [each.offset] : [])))),
          settings: {
            unitsInFlightMax,
            unitMaxOffsets,
            unitFirstOffsets: unitMaxOffsets,
            uncommittedOffsetsMax: 20_000,
          },
        })
        for (let second = 0; second < 10; second++) {
          world.run(1000)
          for (const state of world.states) checkPlan(state, world)
          if (second === 3 && rebalances) world.rebalance([[0, 2], [1]])
        }
        world.producing = false
        world.faults = false
        for (let round = 0; round < 400 && world.uncommitted > 0; round++) {
          world.run(1000)
          for (const state of world.states) checkPlan(state, world)
        }
        checkCommitted(world)
        // What was committed last is known to the planners with their next look at the table.
        world.run(10_000)
        const name = ({ partition, offset }: { partition: number; offset: number }): string => `${partition}@${offset}`
        expect(new Set(world.condemned.map(name))).toEqual(new Set(poison.map(name)))
        expect(world.states.flatMap((state) => [...state.partitions.values()].flatMap((each) => each.deadly))).toEqual(
          [],
        )
        const isCalm = rest.lose + rest.duplicate + rest.die === 0 && !rebalances
        const halvings = Math.ceil(Math.log2(unitMaxOffsets))
        if (isCalm) expect(world.deaths).toBeLessThanOrEqual(new Set(poison.map(name)).size * (halvings + 2))
      },
    ),
    { numRuns: 150 },
  )
})
