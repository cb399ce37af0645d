import { partitionAppId } from '@silt/contracts'
import { beforeEach, describe, expect, it } from 'vitest'
import { auditLogs } from './support/audit.ts'
import { newBegunWorld } from './support/begun-world.ts'
import { ForgetfulStore } from './support/forgetful-store.ts'
import { topic, topicId, unitJob, type UnitShape } from './support/jobs.ts'
import { openCommitter, stateOf, type World } from './support/world.ts'

let world: World
beforeEach(async () => {
  world = await newBegunWorld()
})

const unit = (ranges: readonly (readonly [number, number, number])[], shape?: UnitShape) =>
  unitJob(world.tableId, ranges, shape)
const next = async (partition: number): Promise<number | undefined> =>
  (await stateOf(world.main)).txns.get(partitionAppId('silt', { topic, topicId, partition, restart: 0 }))

describe('when the store fails', () => {
  it('an answer lost after the put landed: read back by token, committed once', async () => {
    const committer = await openCommitter(world, {
      main: (call) => (call.operation === 'putIfAbsent' ? { kind: 'answer-lost' } : undefined),
    })
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(2000)
    expect(committer.ends).toEqual(['committed'])
    await auditLogs(world.main, world.deadLetters)
  })

  it('the answer and the read-back lost: the log says that the unit is in', async () => {
    let [puts, reads] = [0, 0]
    const committer = await openCommitter(world, {
      main: (call) => {
        if (call.operation === 'putIfAbsent') return puts++ === 0 ? { kind: 'answer-lost' } : undefined
        return puts === 1 && reads++ < 3 ? { kind: 'fail-before' } : undefined
      },
    })
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(5000)
    expect(['committed', 'duplicate']).toContain(committer.ends[0])
    expect(await next(0)).toBe(5)
    await auditLogs(world.main, world.deadLetters)
  })

  it('a put that lands after its timeout: whichever body lands, the unit is in once', async () => {
    let puts = 0
    const committer = await openCommitter(world, {
      main: (call) =>
        call.operation === 'putIfAbsent' && puts++ === 0 ? { kind: 'lands-late', afterMs: 50 } : undefined,
    })
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(5000)
    expect(['committed', 'duplicate']).toContain(committer.ends[0])
    expect(await next(0)).toBe(5)
    await auditLogs(world.main, world.deadLetters)
  })

  it('jobs are kept while it is away, and not dropped by their deadline', async () => {
    let away = true
    const committer = await openCommitter(world, {
      main: (call) => (away && call.operation === 'putIfAbsent' ? { kind: 'fail-before' } : undefined),
    })
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(120_000)
    expect(committer.ends).toEqual([])
    away = false
    await world.clock.advance(10_000)
    expect(committer.ends).toEqual(['committed'])
  })

  it('the deadline of units that are ahead begins anew when it is back', async () => {
    let away = false
    const committer = await openCommitter(world, { main: () => (away ? { kind: 'fail-before' } : undefined) })
    void committer.submit(unit([[0, 5, 9]], { full: true }))
    await world.clock.advance(1000)
    away = true
    await world.clock.advance(60_000)
    away = false
    await world.clock.advance(20_000)
    expect(committer.ends).toEqual([])
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(100)
    expect(committer.ends).toEqual(['committed', 'committed'])
  })

  it('a store that claims to have created what it did not is found out by reading back (I11)', async () => {
    const liar = new ForgetfulStore(world.main)
    const stores = { main: liar, deadLetters: world.deadLetters }
    const committer = await openCommitter(world, { stores, options: { readBack: true } })
    liar.forgetNext = true
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(1000)
    expect(committer.ends).toEqual(['committed'])
    expect(await next(0)).toBe(5)
    await auditLogs(world.main, world.deadLetters)
  })

  it('what is in is answered while the loop waits for the store', async () => {
    const first = await openCommitter(world)
    void first.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(1)
    first.stop()
    await first.done
    const second = await openCommitter(world, {
      main: (call) => (call.index > 8 ? { kind: 'fail-before' } : undefined),
    })
    void second.submit(unit([[1, 0, 5]], { full: true }))
    await world.clock.advance(200)
    void second.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(1)
    expect(second.ends.at(-1)).toBe('duplicate')
  })
})
