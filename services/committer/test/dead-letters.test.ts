import { deadLetterAppliedAppId, deadLetterPointerAppId } from '@silt/contracts'
import { commitEntry, commitInfo, commitKey, writeCheckpoint } from '@silt/delta'
import type { FaultPlan } from '@silt/object-store/testing'
import { HyparquetReader, StreamedParquetWriter } from '@silt/parquet'
import { beforeEach, describe, expect, it } from 'vitest'
import { pendingRecord } from '../src/dead-letter-projection.ts'
import { auditLogs } from './support/audit.ts'
import { CleanableStore } from './support/cleanable-store.ts'
import { startJob, unitJob } from './support/jobs.ts'
import { logOf, newWorld, openCommitter, stateOf, type World } from './support/world.ts'

let world: World
beforeEach(async () => {
  world = await newWorld()
  const committer = await openCommitter(world)
  void committer.submit(startJob(world.tableId, 0))
  void committer.submit(startJob(world.tableId, 1))
  await world.clock.advance(10)
  committer.stop()
  await committer.done
})

const dead = (partition: number, start: number, end: number) =>
  unitJob(world.tableId, [[partition, start, end]], { full: true, deadLetters: 1 })
const clean = (partition: number, start: number, end: number) =>
  unitJob(world.tableId, [[partition, start, end]], { full: true })
const failPuts: FaultPlan = (call) => (call.operation === 'putIfAbsent' ? { kind: 'fail-before' } : undefined)

describe('dead letters (I5)', () => {
  it('are recorded by the main commit and then put into their table', async () => {
    const committer = await openCommitter(world)
    void committer.submit(dead(0, 0, 5))
    await world.clock.advance(10)
    expect(committer.ends).toEqual(['committed'])
    const main = await stateOf(world.main)
    expect(main.txns.get(deadLetterPointerAppId)).toBe(main.version)
    const applied = (await stateOf(world.deadLetters)).txns.get(deadLetterAppliedAppId(world.tableId))
    expect(applied).toBe(main.version)
    await auditLogs(world.main, world.deadLetters)
  })

  it('after a crash between the two commits are put in by the next committer, once', async () => {
    const first = await openCommitter(world, { deadLetters: failPuts })
    void first.submit(dead(0, 0, 5))
    await world.clock.advance(10)
    expect(first.ends).toEqual(['committed'])
    first.stop()
    await world.clock.advance(10_000)
    await first.done
    expect(await logOf(world.deadLetters)).toHaveLength(1)

    const second = await openCommitter(world)
    const third = await openCommitter(world)
    await world.clock.advance(2000)
    expect(await logOf(world.deadLetters)).toHaveLength(2)
    second.stop()
    third.stop()
    await auditLogs(world.main, world.deadLetters)
  })

  it('while a record waits for its table no other is recorded, and units without dead letters go on', async () => {
    let away = true
    const committer = await openCommitter(world, { deadLetters: (call) => (away ? failPuts(call) : undefined) })
    void committer.submit(dead(0, 0, 5))
    await world.clock.advance(10)
    void committer.submit(dead(0, 5, 9))
    void committer.submit(dead(1, 0, 3))
    await world.clock.advance(10_000)
    expect(committer.ends).toEqual(['committed'])
    void committer.submit(clean(1, 0, 4))
    await world.clock.advance(10_000)
    expect(committer.ends).toEqual(['committed', 'committed', 'duplicate'])
    await world.clock.advance(60_000)
    expect(committer.ends, 'what only waits for the table has no deadline').toHaveLength(3)
    away = false
    await world.clock.advance(20_000)
    expect(committer.ends).toEqual(['committed', 'committed', 'duplicate', 'committed'])
    await auditLogs(world.main, world.deadLetters)
  })

  it('an answer lost after the put landed: not put in twice', async () => {
    const committer = await openCommitter(world, {
      deadLetters: (call) => (call.operation === 'putIfAbsent' ? { kind: 'answer-lost' } : undefined),
    })
    for (const start of [0, 1, 2]) void committer.submit(dead(0, start, start + 1))
    await world.clock.advance(10_000)
    expect(committer.ends).toHaveLength(3)
    await auditLogs(world.main, world.deadLetters)
  })

  it('a committer that knows an old main version applies nothing again', async () => {
    const stale = await openCommitter(world)
    const fresh = await openCommitter(world)
    for (const start of [0, 1, 2]) {
      void fresh.submit(dead(0, start, start + 1))
      await world.clock.advance(10)
    }
    const oldMain = { ...stale.stand.main.state, txns: new Map([[deadLetterPointerAppId, 3]]) }
    expect(pendingRecord(oldMain, await stateOf(world.deadLetters))).toBeUndefined()
    stale.stop()
    fresh.stop()
  })

  it('their record gone before it was applied: the table stops, naming the version', async () => {
    const store = new CleanableStore(world.main)
    const stores = { main: store, deadLetters: world.deadLetters }
    const failing = await openCommitter(world, { deadLetters: failPuts })
    void failing.submit(dead(0, 0, 5))
    await world.clock.advance(10)
    const recorded = (await stateOf(world.main)).version
    void failing.submit(clean(0, 5, 6))
    await world.clock.advance(10_000)
    failing.stop()
    await world.clock.advance(10_000)

    const [parquetReader, parquetWriter] = [new HyparquetReader(), new StreamedParquetWriter()]
    await writeCheckpoint(store, parquetReader, parquetWriter, recorded + 1)
    await store.clean((key) => key <= commitKey(recorded) && key.endsWith('.json'))
    const committer = await openCommitter(world, { stores, parquetReader })
    void committer.submit(clean(0, 6, 7))
    await world.clock.advance(1000)
    expect(committer.ends).toEqual(['refused'])
    expect(committer.readiness.at(-1)).toMatchObject({ ready: false })
    expect(committer.readiness.at(-1)?.detail).toContain(`version ${recorded}`)
    expect(await logOf(world.deadLetters)).toHaveLength(1)
  })

  it('their file taken by a vacuum while nobody was there: the table stops, naming the file, and goes on once it is back', async () => {
    const failing = await openCommitter(world, { deadLetters: failPuts })
    const job = dead(0, 0, 5)
    const [add] = job.deadLetterAdds
    void failing.submit(job)
    await world.clock.advance(10)
    failing.stop()
    await world.clock.advance(10_000)
    await failing.done

    await world.clock.advance(8 * 86_400_000)
    const committer = await openCommitter(world)
    void committer.submit(clean(0, 5, 6))
    await world.clock.advance(1000)
    expect(committer.ends).toEqual(['refused'])
    expect(committer.readiness.at(-1)).toMatchObject({
      ready: false,
      error: { code: 'committer/dead-letter-file-lost' },
    })
    expect(committer.readiness.at(-1)?.detail).toContain(add?.path)
    expect(await logOf(world.deadLetters)).toHaveLength(1)

    await world.deadLetters.put(add?.path ?? '', new Uint8Array(100))
    await world.clock.advance(20_000)
    const log = await logOf(world.deadLetters)
    expect(log).toHaveLength(2)
    const [applied] = log[1]?.actions.flatMap((action) => ('add' in action ? [action.add] : [])) ?? []
    expect(applied, 'a vacuum that read the log before may still be about to take the old one').toMatchObject({
      modificationTime: expect.closeTo(world.clock.nowMs(), -6) as number,
    })
    expect(applied?.path).not.toBe(add?.path)
    expect(await world.deadLetters.get(applied?.path ?? '')).toMatchObject({ body: new Uint8Array(100) })
    committer.stop()
    await auditLogs(world.main, world.deadLetters)
  })

  it('a committer that stood still while it read their record looks at the log again, and puts them in once', async () => {
    const failing = await openCommitter(world, { deadLetters: failPuts })
    const job = dead(0, 0, 5)
    void failing.submit(job)
    await world.clock.advance(10)
    failing.stop()
    await world.clock.advance(10_000)
    await failing.done

    await world.deadLetters.put(job.deadLetterAdds[0]?.path ?? '', new Uint8Array(100))
    const record = commitKey((await stateOf(world.main)).version)
    let readings: number | undefined
    const standStill: FaultPlan = ({ operation, key }) =>
      readings !== undefined && operation === 'get' && key === record && ++readings === 1
        ? { kind: 'delay', afterMs: 7_200_000 }
        : undefined
    const committer = await openCommitter(world, { main: standStill })
    readings = 0
    await world.clock.advance(7_200_000)
    await world.clock.advance(1000)
    expect(readings).toBeGreaterThan(1)
    expect(await logOf(world.deadLetters)).toHaveLength(2)
    committer.stop()
    await committer.done
    await auditLogs(world.main, world.deadLetters)
  })

  it.each([
    ['under its id', undefined],
    ['under another id', '11111111-0000-4000-8000-000000000000'],
  ])(
    'a table another engine replaced by CREATE OR REPLACE, %s: what was put in before is not put in again',
    async (_, id) => {
      const first = await openCommitter(world)
      void first.submit(dead(0, 0, 5))
      await world.clock.advance(10)
      first.stop()
      await world.clock.advance(10_000)
      await first.done

      const { version, metadata } = await stateOf(world.deadLetters)
      const removed = (await logOf(world.deadLetters)).flatMap(({ actions }) =>
        actions.flatMap((action) => ('add' in action ? [action.add.path] : [])),
      )
      expect(removed).toHaveLength(1)
      const info = commitInfo({ timestampMs: 0, operation: 'CREATE OR REPLACE TABLE', engineInfo: 'x', token: 't' })
      const actions = [
        info,
        { metaData: { ...metadata, id: id ?? metadata.id } },
        ...removed.map((path) => ({ remove: { path, deletionTimestamp: 1, dataChange: true } })),
      ]
      await commitEntry(world.deadLetters, { version: version + 1, actions, token: 't', readBack: false })

      const second = await openCommitter(world)
      await world.clock.advance(2000)
      expect((await stateOf(world.deadLetters)).version).toBe(version + 1)
      void second.submit(dead(0, 5, 9))
      await world.clock.advance(2000)
      const added = (await logOf(world.deadLetters))
        .slice(version + 2)
        .flatMap(({ actions }) => actions.flatMap((action) => ('add' in action ? [action.add.path] : [])))
      expect(added).toHaveLength(1)
      expect(added).not.toEqual(removed)
      second.stop()
    },
  )

  it('a table another engine wrote to: reads it and puts them in once', async () => {
    const committer = await openCommitter(world)
    const info = commitInfo({ timestampMs: 0, operation: 'OPTIMIZE', engineInfo: 'x', token: 't' })
    await commitEntry(world.deadLetters, { version: 1, actions: [info], token: 't', readBack: false })
    void committer.submit(dead(0, 0, 5))
    await world.clock.advance(500)
    const state = await stateOf(world.deadLetters)
    expect(state.version).toBe(2)
    expect(state.txns.get(deadLetterAppliedAppId(world.tableId))).toBe((await stateOf(world.main)).version)
  })
})
