import { loadSnapshot } from '@silt/delta'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { append, cleanLog, optimize, overwrite, restoreTo, setProperty, vacuum } from './index.ts'
import { keysOf, newTableWorld, overtaken, type TableWorld } from './table-world.ts'

const retentionMs = 600_000
let world: TableWorld
let firstKey: string
beforeEach(async () => {
  world = await newTableWorld()
  firstKey = await world.table.settle(0, 6)
  await world.table.settle(1, 4)
  await setProperty(world.engine, 'delta.deletedFileRetentionDuration', `interval ${retentionMs / 1000} seconds`)
})
afterEach(async () => {
  expect(await world.findings()).toEqual([])
})

const dataKeys = async (): Promise<readonly string[]> =>
  (await keysOf(world.store)).filter((key) => !key.startsWith('_'))

describe('vacuum', () => {
  test('takes files nobody refers to once they are old enough, a unit not yet committed among them', async () => {
    await world.store.put('part-orphan.parquet', new Uint8Array(1))
    await world.store.put('_silt/probe', new Uint8Array(1))
    const all = await dataKeys()
    await world.clock.advance(retentionMs)
    expect(await vacuum(world.engine)).toMatchObject({ kind: 'nothing' })
    await world.store.put('part-recent.parquet', new Uint8Array(1))
    await world.clock.advance(1)
    expect(await vacuum(world.engine)).toMatchObject({ kind: 'done', version: undefined })
    expect(await dataKeys()).toEqual([...all.filter((key) => !key.includes('orphan')), 'part-recent.parquet'].sort())
    expect(await world.store.head('_silt/probe')).toBeDefined()
    expect(await world.verdict()).toBe('proved')
  })

  test('keeps what was removed lately, takes it later', async () => {
    await world.clock.advance(2 * retentionMs)
    await optimize(world.engine, { tags: 'merged' })
    expect(await vacuum(world.engine)).toMatchObject({ kind: 'nothing' })
    await world.clock.advance(retentionMs + 1)
    expect(await vacuum(world.engine)).toMatchObject({ kind: 'done' })
    expect(await dataKeys()).toHaveLength(1)
  })

  test('of less than the retention of the table is refused', async () => {
    await world.store.put('part-orphan.parquet', new Uint8Array(1))
    await world.clock.advance(10 * retentionMs)
    expect(await vacuum(world.engine, { olderThanMs: retentionMs - 1 })).toMatchObject({ kind: 'nothing' })
    expect(await vacuum(world.engine, { olderThanMs: retentionMs + 1 })).toMatchObject({ kind: 'done' })
  })
})

describe('the log cleaned', () => {
  const commits = async (): Promise<number> =>
    (await keysOf(world.store, '_delta_log/')).filter((key) => key.endsWith('.json')).length

  test('down to its newest version says the same of the table', async () => {
    await optimize(world.engine, { tags: 'merged' })
    const before = await world.now()
    expect(await cleanLog(world.engine, { keepVersions: 0 })).toMatchObject({ kind: 'done' })
    expect(await commits()).toBe(1)
    const after = await world.now()
    expect([after.version, after.files, after.txns, after.metadata]).toEqual([
      before.version,
      before.files,
      before.txns,
      before.metadata,
    ])
    expect(await world.verdict()).toBe('proved')
  })

  test('keeps what the protocol keeps: nothing goes above the newest checkpoint that may be the oldest', async () => {
    expect(await cleanLog(world.engine, { keepVersions: 2 })).toMatchObject({ kind: 'nothing' })
    const { version } = await world.now()
    for (let index = 0; index < 3; index++) await world.table.settle(0, 1)
    expect(await cleanLog(world.engine, { keepVersions: 2 })).toMatchObject({ kind: 'done' })
    expect(await commits()).toBe(4)
    expect((await loadSnapshot(world.store, world.engine.parquetReader, { version })).version).toBe(version)
    await expect(loadSnapshot(world.store, world.engine.parquetReader, { version: version - 1 })).rejects.toMatchObject(
      { code: 'delta/version-missing' },
    )
  })

  test('by age goes by the commits', async () => {
    await world.clock.advance(1000)
    await world.table.settle(0, 1)
    await cleanLog(world.engine, { olderThanMs: 5000 })
    await world.clock.advance(4500)
    await world.table.settle(0, 1)
    expect(await cleanLog(world.engine, { olderThanMs: 5000 })).toMatchObject({ kind: 'nothing' })
    await world.clock.advance(1000)
    expect(await cleanLog(world.engine, { olderThanMs: 5000 })).toMatchObject({ kind: 'done' })
    expect(await commits()).toBe(2)
    await world.table.settle(1, 1)
    expect(await world.verdict()).toBe('proved')
  })
})

describe('RESTORE', () => {
  test('brings the files of that version back and parks the table; progress stays', async () => {
    await optimize(world.engine, { tags: 'merged' })
    const { version, txns } = await world.now()
    expect(await restoreTo(world.engine, 2)).toMatchObject({ kind: 'done', version: version + 1 })
    const now = await world.now()
    expect([[...now.files.keys()], now.txns]).toEqual([[firstKey], txns])
    expect(now.metadata.configuration['delta.deletedFileRetentionDuration']).toBeUndefined()
    expect([await world.parkedBy(), await world.newestFacts()]).toMatchObject(['RESTORE', { kind: 'restore' }])
    expect(await world.verdict()).toBe('removed-by-others')
  })

  test('that changes no row parks it as well', async () => {
    await setProperty(world.engine, 'a', 'b')
    await restoreTo(world.engine, 4)
    expect(await world.parkedBy()).toBe('RESTORE')
    expect(await world.verdict()).toBe('proved')
  })

  test('of what is gone is none: a version cleaned away, a file vacuumed, a version to come', async () => {
    expect(await restoreTo(world.engine, 99)).toMatchObject({ kind: 'nothing' })
    await overwrite(world.engine)
    await setProperty(world.engine, 'a', 'b')
    await world.clock.advance(retentionMs + 1)
    await vacuum(world.engine)
    expect(await restoreTo(world.engine, 4)).toEqual({ kind: 'nothing', because: `${firstKey} was vacuumed` })
    await cleanLog(world.engine, { keepVersions: 0 })
    expect(await restoreTo(world.engine, 4)).toEqual({ kind: 'nothing', because: 'version 4 can no longer be read' })
  })

  test('is worked out anew after a winner: what that one added goes too', async () => {
    const engine = overtaken(world.engine, 1, () => append(world.engine, { rows: 1 }))
    expect(await restoreTo(engine, 3)).toMatchObject({ kind: 'done', version: 6 })
    expect((await world.now()).files.size).toBe(2)
  })
})
