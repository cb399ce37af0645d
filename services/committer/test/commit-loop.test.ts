import { eventTableSchema, partitionAppId } from '@silt/contracts'
import { field, struct } from '@silt/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { defaultTuning } from '../src/committer-options.ts'
import { auditLogs } from './support/audit.ts'
import { newBegunWorld } from './support/begun-world.ts'
import { startJob, startMs, topic, topicId, unitJob, type UnitShape } from './support/jobs.ts'
import { logOf, newWorld, openCommitter, stateOf, type World } from './support/world.ts'

let world: World
beforeEach(async () => {
  world = await newWorld()
})

const unit = (ranges: readonly (readonly [number, number, number])[], shape?: UnitShape) =>
  unitJob(world.tableId, ranges, shape)
const start = (partition: number, offset = 0) => startJob(world.tableId, partition, offset)
const next = async (partition: number): Promise<number | undefined> =>
  (await stateOf(world.main)).txns.get(partitionAppId('silt', { topic, topicId, partition, restart: 0 }))
const commitVersion = async (): Promise<number> => (await stateOf(world.main)).version

describe('first offsets (I3a)', () => {
  it('are committed alone, and a unit of a partition without txn waits for its start', async () => {
    const committer = await openCommitter(world)
    const early = committer.submit(unit([[0, 5, 9]], { full: true }))
    await world.clock.advance(10)
    expect(await commitVersion()).toBe(0)
    void committer.submit(start(0, 5))
    await world.clock.advance(3000)
    expect(await early).toMatchObject({ outcome: 'committed', txn: { '0': 9 } })
    const [, first, second] = await logOf(world.main)
    expect(first?.actions.some((each) => 'add' in each)).toBe(false)
    expect(second?.actions.filter((each) => 'add' in each)).toHaveLength(1)
    await auditLogs(world.main, world.deadLetters)
  })

  it('of two starts the first is taken, the other is a duplicate', async () => {
    const committer = await openCommitter(world)
    void committer.submit(start(0, 5))
    void committer.submit(start(0, 7))
    await world.clock.advance(10)
    expect(committer.ends).toEqual(['committed', 'duplicate'])
    expect(await next(0)).toBe(5)
  })

  it('a topic made again under the same name is refused', async () => {
    const committer = await openCommitter(world)
    void committer.submit(start(0))
    void committer.submit(startJob(world.tableId, 0, 0, 'made-again'))
    await world.clock.advance(10)
    expect(committer.ends.toSorted()).toEqual(['committed', 'refused'])
  })
})

describe('with a partition begun', () => {
  beforeEach(async () => {
    world = await newBegunWorld()
  })

  it('commits a chain of units in one version, whatever order they came in', async () => {
    const committer = await openCommitter(world)
    const jobs = [
      unit([[0, 6, 9]]),
      unit([
        [0, 3, 6],
        [1, 0, 2],
      ]),
      unit([[0, 0, 3]], { full: true }),
    ]
    const before = await commitVersion()
    for (const job of jobs) void committer.submit(job)
    await world.clock.advance(1)
    expect(committer.ends).toEqual(['committed', 'committed', 'committed'])
    expect(await commitVersion()).toBe(before + 1)
    await auditLogs(world.main, world.deadLetters)
  })

  it('never commits across a gap, and drops what waits beyond the deadline', async () => {
    const committer = await openCommitter(world)
    const ahead = committer.submit(unit([[0, 3, 6]], { full: true }))
    await world.clock.advance(29_000)
    expect(committer.ends).toEqual([])
    await world.clock.advance(2000)
    expect(await ahead).toMatchObject({ outcome: 'stale', txn: { '0': 0 } })
    expect(await next(0)).toBe(0)
  })

  it('a unit that crosses txn is stale at once, one below it a duplicate at once', async () => {
    const committer = await openCommitter(world)
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(1)
    void committer.submit(unit([[0, 2, 7]], { full: true }))
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    void committer.submit(
      unit(
        [
          [0, 0, 5],
          [1, 0, 4],
        ],
        { full: true },
      ),
    )
    await world.clock.advance(1)
    expect(committer.ends.toSorted()).toEqual(['committed', 'duplicate', 'stale', 'stale'])
    expect(await next(0)).toBe(5)
    await auditLogs(world.main, world.deadLetters)
  })

  it('of two runs of one unit, one is committed', async () => {
    const committer = await openCommitter(world)
    void committer.submit(unit([[0, 0, 5]], { full: true, run: 'a' }))
    void committer.submit(unit([[0, 0, 5]], { full: true, run: 'b' }))
    await world.clock.advance(1)
    expect(committer.ends).toEqual(['committed', 'duplicate'])
    await auditLogs(world.main, world.deadLetters)
  })

  it('small units wait for the slot, a full one takes them along', async () => {
    const committer = await openCommitter(world)
    const quiet = committer.submit(unit([[0, 0, 1]]))
    await world.clock.advance(1)
    const { nextSlot } = await quiet
    expect(nextSlot).toBeGreaterThan(world.clock.nowMs() + 900)
    await world.clock.advance(300)
    void committer.submit(unit([[0, 1, 2]]))
    await world.clock.advance(nextSlot - world.clock.nowMs() - 5)
    expect(committer.ends).toHaveLength(1)
    await world.clock.advance(10)
    expect(committer.ends).toHaveLength(2)
    void committer.submit(unit([[0, 2, 3]]))
    void committer.submit(unit([[1, 0, 3]], { full: true }))
    await world.clock.advance(1)
    expect(committer.ends).toHaveLength(4)
  })

  it('a unit a little later than the first at their slot is in the same version when the last one held both', async () => {
    const committer = await openCommitter(world)
    void committer.submit(unit([[0, 0, 1]]))
    await world.clock.advance(30)
    void committer.submit(unit([[1, 0, 1]]))
    await world.clock.advance(300)
    void committer.submit(unit([[0, 1, 2]]))
    await world.clock.advance(700)
    expect(committer.ends).toHaveLength(3)
    const before = await commitVersion()
    await world.clock.advance(200)
    void committer.submit(unit([[0, 2, 3]]))
    await world.clock.advance(790)
    expect(committer.ends).toHaveLength(3)
    void committer.submit(unit([[1, 1, 2]]))
    await world.clock.advance(1)
    expect(committer.ends).toHaveLength(5)
    expect(await commitVersion()).toBe(before + 1)
  })

  it('a start does not make small units come early', async () => {
    const committer = await openCommitter(world)
    void committer.submit(unit([[0, 0, 1]]))
    await world.clock.advance(300)
    void committer.submit(unit([[0, 1, 2]]))
    void committer.submit(start(7))
    await world.clock.advance(500)
    expect(committer.ends).toEqual(['committed', 'committed'])
    expect(await next(7)).toBe(0)
    expect(await next(0)).toBe(1)
    await world.clock.advance(300)
    expect(await next(0)).toBe(2)
  })

  it('counts gaps, so that rows, dead letters and gaps add up to txn', async () => {
    const committer = await openCommitter(world)
    void committer.submit(unit([[0, 0, 10]], { full: true, gaps: 4 }))
    void committer.submit(unit([[0, 10, 20]], { full: true, gaps: 1 }))
    await world.clock.advance(1)
    const gaps = partitionAppId('silt-gaps', { topic, topicId, partition: 0, restart: 0 })
    expect((await stateOf(world.main)).txns.get(gaps)).toBe(5)
  })

  it('a job of another table or another topic id is refused', async () => {
    const committer = await openCommitter(world)
    void committer.submit(unit([[0, 0, 5]], { full: true, tableId: 'another' }))
    void committer.submit(unit([[0, 0, 5]], { full: true, topicId: 'another' }))
    await world.clock.advance(10)
    expect(committer.ends).toEqual(['refused', 'refused'])
    expect(await next(0)).toBe(0)
  })

  it('files that are too old to trust are written again (I10a)', async () => {
    const committer = await openCommitter(world)
    await world.clock.advance(3_600_000)
    void committer.submit(unit([[0, 0, 5]], { full: true, putAt: startMs - 1000 }))
    void committer.submit(unit([[1, 0, 5]], { full: true, putAt: startMs + 10_000 }))
    await world.clock.advance(10)
    expect(committer.ends.toSorted()).toEqual(['committed', 'stale'])
    expect(await next(0)).toBe(0)
    expect(await next(1)).toBe(5)
  })

  it('judges the age by an answer of the store as new as the base', async () => {
    const committer = await openCommitter(world, { options: { tuning: { ...quietTuning } } })
    await world.clock.advance(3_700_000)
    void committer.submit(unit([[0, 0, 5]], { full: true, putAt: startMs }))
    await world.clock.advance(10)
    expect(committer.ends).toEqual(['stale'])
  })

  it('a wider schema is committed with the unit that brings it; one that does not fit makes its unit stale', async () => {
    const committer = await openCommitter(world)
    const wider = struct([...eventTableSchema.fields, field('price', 'double')])
    const clash = struct([...eventTableSchema.fields, field('price', 'string')])
    void committer.submit(unit([[0, 0, 5]], { full: true, schema: wider }))
    void committer.submit(unit([[1, 0, 5]], { full: true, schema: clash }))
    await world.clock.advance(10)
    expect(committer.ends.toSorted()).toEqual(['committed', 'stale'])
    const state = await stateOf(world.main)
    expect(state.schema.fields.at(-1)).toMatchObject({ name: 'price', type: 'double' })
    void committer.submit(unit([[1, 0, 5]], { full: true }))
    await world.clock.advance(10)
    expect((await stateOf(world.main)).schema.fields.at(-1)).toMatchObject({ name: 'price' })
  })

  it('a unit that would bring too many columns is stale', async () => {
    const committer = await openCommitter(world, { options: { columnsMax: eventTableSchema.fields.length } })
    const wider = struct([...eventTableSchema.fields, field('price', 'double')])
    void committer.submit(unit([[0, 0, 5]], { full: true, schema: wider }))
    await world.clock.advance(10)
    expect(committer.ends).toEqual(['stale'])
  })

  it('files partitioned otherwise than the table are stale', async () => {
    const committer = await openCommitter(world)
    void committer.submit(unit([[0, 0, 5]], { full: true, partitionValues: { event_date: '2026-01-01' } }))
    await world.clock.advance(10)
    expect(committer.ends).toEqual(['stale'])
  })

  describe('shutdown', () => {
    it('commits what can be committed without waiting for the slot, and gives back the rest', async () => {
      const committer = await openCommitter(world)
      void committer.submit(unit([[0, 0, 1]]))
      await world.clock.advance(1)
      void committer.submit(unit([[0, 1, 2]]))
      void committer.submit(unit([[1, 4, 5]]))
      await world.clock.advance(1)
      committer.drain()
      await world.clock.advance(1)
      await committer.done
      expect(committer.ends).toEqual(['committed', 'committed', 'committer/stopped'])
      await expect(committer.loop.submit(unit([[0, 2, 3]]))).rejects.toMatchObject({ code: 'committer/stopped' })
    })
  })
})

/** Looks at nothing by itself. */
const quietTuning = { ...defaultTuning, idlePollMs: 1e9 }
