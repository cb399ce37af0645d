import { eventTableSchema, partitionAppId } from '@silt/contracts'
import { field, struct, type ObjectStore } from '@silt/core'
import { commitKey, readEntry, schemaToString, writeCheckpoint, type Action } from '@silt/delta'
import { HyparquetReader, StreamedParquetWriter } from '@silt/parquet'
import { beforeEach, describe, expect, it } from 'vitest'
import { defaultTuning } from '../src/committer-options.ts'
import { auditLogs } from './support/audit.ts'
import { newBegunWorld } from './support/begun-world.ts'
import { CleanableStore } from './support/cleanable-store.ts'
import { startJob, topic, topicId, unitJob, type UnitShape } from './support/jobs.ts'
import { foreignCommit, newWorld, openCommitter, stateOf, type World } from './support/world.ts'

let world: World
beforeEach(async () => {
  world = await newBegunWorld()
})

const unit = (ranges: readonly (readonly [number, number, number])[], shape?: UnitShape) =>
  unitJob(world.tableId, ranges, shape)
const commitVersion = async (): Promise<number> => (await stateOf(world.main)).version

const parquetReader = new HyparquetReader()
/** Looks at nothing by itself. */
const quietTuning = { ...defaultTuning, idlePollMs: 1e9 }

describe('when another engine committed meanwhile', () => {
  it('an append is a conflict: reads it and builds anew', async () => {
    const committer = await openCommitter(world)
    const add = { path: 'theirs', partitionValues: {}, size: 1, modificationTime: 1, dataChange: true }
    await foreignCommit(world.main, world.clock, { operation: 'WRITE' }, [{ add }])
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(500)
    expect(committer.ends).toEqual(['committed'])
    await auditLogs(world.main, world.deadLetters)
  })

  it('a changed schema is taken into account: what no longer fits is stale', async () => {
    const committer = await openCommitter(world)
    const state = await stateOf(world.main)
    const schema = struct([...eventTableSchema.fields, field('price', 'string')])
    const metaData = { ...state.metadata, schemaString: schemaToString(schema) }
    await foreignCommit(world.main, world.clock, { operation: 'ADD COLUMNS' }, [{ metaData }])
    const wider = struct([...eventTableSchema.fields, field('price', 'double')])
    void committer.submit(unit([[0, 0, 5]], { full: true, schema: wider }))
    void committer.submit(unit([[1, 0, 5]], { full: true }))
    await world.clock.advance(500)
    expect(committer.ends.toSorted()).toEqual(['committed', 'stale'])
    expect((await stateOf(world.main)).schema).toEqual(schema)
  })

  const retention = async (duration: string, store = world.main): Promise<void> => {
    const { metadata } = await stateOf(store)
    const configuration = { ...metadata.configuration, 'delta.deletedFileRetentionDuration': duration }
    await foreignCommit(store, world.clock, { operation: 'SET TBLPROPERTIES' }, [
      { metaData: { ...metadata, configuration } },
    ])
  }

  it('a retention too short to be safe stops the table with its property, instead of writing every unit again for ever', async () => {
    const committer = await openCommitter(world)
    await retention('interval 0 seconds')
    await world.clock.advance(2000)
    void committer.submit(unit([[0, 0, 5]], { full: true, putAt: world.clock.nowMs() - 1000 }))
    await world.clock.advance(500)
    expect(committer.ends).toEqual(['refused'])
    expect(committer.readiness.at(-1)?.detail).toContain('delta.deletedFileRetentionDuration')
    const readings = committer.readiness.length
    await world.clock.advance(20_000)
    expect(committer.readiness).toHaveLength(readings)
    await retention('interval 1 day')
    await world.clock.advance(6000)
    void committer.submit(unit([[0, 0, 5]], { full: true, putAt: world.clock.nowMs() - 1000 }))
    await world.clock.advance(500)
    expect(committer.ends).toEqual(['refused', 'committed'])
  })

  it('the retention of the dead-letter table counts as well', async () => {
    await retention('interval 10 minutes', world.deadLetters)
    const committer = await openCommitter(world)
    void committer.submit(unit([[0, 0, 5]], { full: true, deadLetters: 1, putAt: world.clock.nowMs() - 200_000 }))
    await world.clock.advance(500)
    expect(committer.ends).toEqual(['stale'])
  })

  it('an operator moved txn: a unit that was ahead becomes ready without any commit of ours', async () => {
    const committer = await openCommitter(world)
    void committer.submit(unit([[0, 7, 9]], { full: true }))
    await world.clock.advance(100)
    const appId = partitionAppId('silt', { topic, topicId, partition: 0, restart: 0 })
    await foreignCommit(world.main, world.clock, { operation: 'ACCEPT GAP' }, [{ txn: { appId, version: 7 } }])
    await world.clock.advance(1500)
    expect(committer.ends).toEqual(['committed'])
  })

  it('an operator restarted a partition: a unit of the new restart is not refused by an old state', async () => {
    const committer = await openCommitter(world)
    const key = { topic, topicId, partition: 0, restart: 1 }
    await foreignCommit(world.main, world.clock, { operation: 'RESTART' }, [
      { txn: { appId: partitionAppId('silt', key), version: 4 } },
      { txn: { appId: partitionAppId('silt-first', key), version: 4 } },
    ])
    void committer.submit(unit([[0, 4, 9]], { full: true, restart: 1 }))
    void committer.submit(unit([[0, 0, 9]], { full: true, restart: 0 }))
    await world.clock.advance(500)
    expect(committer.ends.toSorted()).toEqual(['committed', 'refused'])
    await auditLogs(world.main, world.deadLetters)
  })

  it('the table was replaced: everything is refused, nothing is written, readiness says so', async () => {
    const committer = await openCommitter(world)
    const { metadata } = await stateOf(world.main)
    const metaData = { ...metadata, id: 'another' }
    const version = await foreignCommit(world.main, world.clock, { operation: 'SET TBLPROPERTIES' }, [{ metaData }])
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(20_000)
    expect(committer.ends).toEqual(['refused'])
    expect(await commitVersion()).toBe(version)
    expect(committer.readiness.at(-1)).toMatchObject({ ready: false })
    expect(committer.readiness.at(-1)?.detail).toContain('restart Silt')
  })

  it('an unknown feature stops the table by name', async () => {
    const committer = await openCommitter(world)
    const protocol: Action = {
      protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['someday'] },
    }
    const version = await foreignCommit(world.main, world.clock, { operation: 'UPGRADE PROTOCOL' }, [protocol])
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(1000)
    expect(committer.ends).toEqual(['refused'])
    expect(await commitVersion()).toBe(version)
    expect(committer.readiness.at(-1)?.detail).toContain('someday')
  })

  it.each([
    ['RESTORE', { operation: 'RESTORE' }],
    ['an overwrite', { operation: 'WRITE', operationParameters: { mode: 'Overwrite' } }],
  ])('%s parks the table, also after a restart, until a later resume', async (_name, info) => {
    const first = await openCommitter(world)
    const remove = { path: 'x', dataChange: true, deletionTimestamp: 1 }
    const version = await foreignCommit(world.main, world.clock, info, [{ remove }])
    void first.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(60_000)
    expect(first.ends).toEqual([])
    expect(first.readiness.at(-1)).toMatchObject({ ready: false })
    first.stop()
    await first.done
    expect(first.ends).toEqual(['committer/stopped'])
    await foreignCommit(world.main, world.clock, { operation: 'OPTIMIZE' })

    const second = await openCommitter(world)
    void second.submit(unit([[0, 0, 5]], { full: true, putAt: world.clock.nowMs() }))
    await world.clock.advance(10_000)
    expect(second.ends).toEqual([])
    await resume(version - 1)
    await world.clock.advance(10_000)
    expect(second.ends, 'a resume by someone who had not seen it').toEqual([])
    await resume(version)
    await world.clock.advance(10_000)
    expect(second.ends).toEqual(['committed'])
    expect(second.readiness.at(-1)).toMatchObject({ ready: true })
  })

  const resume = async (atVersion: number, store: ObjectStore = world.main): Promise<void> => {
    const silt = {
      v: 1,
      units: [],
      deadLetters: [],
      decisions: [{ kind: 'resume', reason: 'seen', atVersion, by: 'me' }],
    }
    await foreignCommit(store, world.clock, { operation: 'SILT RESUME', silt: silt as never }, [], parquetReader)
  }

  /** Checkpoints the newest version and takes every commit below `version`. */
  const cleanBelow = async (store: CleanableStore, version: number): Promise<void> => {
    await writeCheckpoint(store, parquetReader, new StreamedParquetWriter(), await newestOf(store))
    await store.clean((key) => /\/\d{20}\.json$/.test(key) && key < commitKey(version))
    expect(await readEntry(store, version - 1)).toBeUndefined()
  }
  const newestOf = async (store: ObjectStore): Promise<number> => (await stateOf(store, parquetReader)).version

  it('a clean-up took the base while we were idle: the base is proved before a PUT (I8a), and who cannot tell what was in it waits for an operator (I12)', async () => {
    const store = new CleanableStore(world.main)
    const stores = { main: store, deadLetters: world.deadLetters }
    const idle = await openCommitter(world, { stores, parquetReader, options: { tuning: quietTuning } })
    const known = await commitVersion()
    await foreignCommit(world.main, world.clock, { operation: 'OPTIMIZE' })
    const newest = await foreignCommit(world.main, world.clock, { operation: 'OPTIMIZE' })
    await cleanBelow(store, newest)
    await world.clock.advance(100_000)
    void idle.submit(unit([[0, 0, 5]], { full: true, putAt: world.clock.nowMs() }))
    await world.clock.advance(500)
    expect(idle.ends).toEqual([])
    expect(idle.readiness.at(-1)).toMatchObject({ ready: false, error: { context: { version: known + 1 } } })
    await resume(known + 1, store)
    await world.clock.advance(10_000)
    expect(idle.ends).toEqual(['committed'])
    expect(await readEntry(store, known + 1), 'a name that clean-up took stays free').toBeUndefined()
    expect(await newestOf(store)).toBe(newest + 2)
  })

  it('a clean-up took only what was known: nobody waits', async () => {
    const store = new CleanableStore(world.main)
    const stores = { main: store, deadLetters: world.deadLetters }
    const idle = await openCommitter(world, { stores, parquetReader, options: { tuning: quietTuning } })
    const known = await commitVersion()
    await foreignCommit(world.main, world.clock, { operation: 'OPTIMIZE' })
    await cleanBelow(store, known + 1)
    await world.clock.advance(100_000)
    void idle.submit(unit([[0, 0, 5]], { full: true, putAt: world.clock.nowMs() }))
    await world.clock.advance(500)
    expect(idle.ends).toEqual(['committed'])
  })

  it('an overwrite before any partition has begun parks nothing: not who saw it, not who comes after its commit was cleaned away, nor after the first start', async () => {
    world = await newWorld()
    const store = new CleanableStore(world.main)
    const open = () => openCommitter(world, { stores: { main: store, deadLetters: world.deadLetters }, parquetReader })
    const saw = await open()
    const remove = { path: 'x', dataChange: true, deletionTimestamp: 1 }
    await foreignCommit(world.main, world.clock, { operation: 'WRITE', operationParameters: { mode: 'Overwrite' } }, [
      { remove },
    ])
    const overwritten = await newestOf(store)
    await world.clock.advance(100_000)
    expect([saw.stand.main.state.version, saw.stand.parked]).toEqual([overwritten, undefined])
    const newest = await foreignCommit(world.main, world.clock, { operation: 'OPTIMIZE' })
    await cleanBelow(store, newest)
    void saw.submit(startJob(world.tableId, 0))
    await world.clock.advance(10_000)
    expect(saw.ends).toEqual(['committed'])
    saw.stop()
    await saw.done
    const after = await open()
    void after.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(10_000)
    expect(after.ends).toEqual(['committed'])
  })

  it('who starts looks back over so many versions: where those are all of others, it waits, though the log is whole', async () => {
    const versions = 5
    for (let each = 1; each < versions; each++) await foreignCommit(world.main, world.clock, { operation: 'WRITE' })
    const options = { tuning: { ...defaultTuning, lookBackVersionsMax: versions } }
    const near = await openCommitter(world, { options })
    expect(near.stand.parked).toBeUndefined()
    const newest = await foreignCommit(world.main, world.clock, { operation: 'WRITE' })
    const far = await openCommitter(world, { options })
    expect(far.stand.parked).toEqual({ version: newest - versions, operation: undefined })
    await resume(newest)
    await world.clock.advance(10_000)
    expect(far.stand.parked).toBeUndefined()
  })

  it('a RESTORE whose commit was cleaned away while no committer lived still parks the table', async () => {
    const store = new CleanableStore(world.main)
    const remove = { path: 'x', dataChange: true, deletionTimestamp: 1 }
    const version = await foreignCommit(world.main, world.clock, { operation: 'RESTORE' }, [{ remove }])
    const newest = await foreignCommit(world.main, world.clock, { operation: 'OPTIMIZE' })
    await cleanBelow(store, newest)
    const committer = await openCommitter(world, {
      stores: { main: store, deadLetters: world.deadLetters },
      parquetReader,
    })
    void committer.submit(unit([[0, 0, 5]], { full: true }))
    await world.clock.advance(10_000)
    expect(committer.ends).toEqual([])
    await resume(version, store)
    await world.clock.advance(10_000)
    expect(committer.ends).toEqual(['committed'])
  })
})
