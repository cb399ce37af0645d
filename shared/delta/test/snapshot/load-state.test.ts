import { describe, expect, it } from 'vitest'
import {
  checkTable,
  commitKey,
  loadSnapshot,
  loadState,
  proveNewest,
  writeCheckpoint,
  type TableState,
} from '../../src/index.ts'
import { classicCheckpointKey } from '../../src/log/file-names.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { add, append, expectSound, makeTable, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

async function tableOf(versions: number): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store)
  for (let version = 1; version <= versions; version++)
    await append(store, add(`f${version}`), txn('silt:t:x:0', version))
  return store
}

describe('loading a state', () => {
  it('finds no table where there is no log', async () => {
    expect(await loadState(new TestStore(), fakeReader)).toBeUndefined()
  })

  it('keeps no file list: its size does not grow with the table', async () => {
    const [small, large] = [await tableOf(1), await tableOf(40)]
    const sizeOf = async (store: TestStore): Promise<number> => {
      const state = (await loadState(store, fakeReader)) as TableState
      return JSON.stringify({ ...state, txns: [...state.txns] }).length
    }
    expect(Math.abs((await sizeOf(large)) - (await sizeOf(small)))).toBeLessThan(8)
  })

  it('from a checkpoint alone still knows its commit, so that it can prove to be the newest', async () => {
    const store = await tableOf(3)
    await writeCheckpoint(store, fakeReader, fakeWriter, 3)
    const state = (await loadState(store, fakeReader)) as TableState
    expect(state.checkpointVersion).toBe(3)
    expect(await proveNewest(store, state)).toBe('newest')
    store.objects.delete(commitKey(3))
    const orphaned = (await loadState(store, fakeReader)) as TableState
    expect(orphaned).toMatchObject({ version: 3 })
    expect(orphaned.commitDigest).toBeUndefined()
    expect(await proveNewest(store, orphaned)).toBe('reload')
  })

  it('does without checkpoints that cannot be read, as long as older ones and commits lead there', async () => {
    const store = await tableOf(5)
    const wanted = await loadState(store, fakeReader)
    for (const version of [1, 3, 5]) await writeCheckpoint(store, fakeReader, fakeWriter, version)
    for (const version of [3, 5]) store.seed(classicCheckpointKey(version), 'PAR1 torn')
    const unreadableCheckpoints = [classicCheckpointKey(5), classicCheckpointKey(3)]
    const { tally: _, ...known } = wanted as TableState
    expect(await loadState(store, fakeReader)).toEqual({ ...known, checkpointVersion: 1, unreadableCheckpoints })
    expect((await loadSnapshot(store, fakeReader)).files.size).toBe(5)
    expect(await writeCheckpoint(store, fakeReader, fakeWriter, 4)).toMatchObject({ kind: 'written' })
    for (const version of [0, 1]) store.objects.delete(commitKey(version))
    store.objects.delete(classicCheckpointKey(4))
    store.objects.delete(classicCheckpointKey(1))
    await expect(loadState(store, fakeReader)).rejects.toMatchObject({
      code: 'delta/broken-log',
      message: expect.stringContaining(classicCheckpointKey(5)) as string,
    })
    for (const version of [2, 3, 4, 5]) store.objects.delete(commitKey(version))
    await expect(loadState(store, fakeReader)).rejects.toMatchObject({ code: 'delta/broken-log' })
  })

  it('takes a sidecar that is not there for what it is, a broken checkpoint', async () => {
    const store = new TestStore()
    await makeTable(store, {
      configuration: { 'delta.checkpointPolicy': 'v2', 'delta.feature.v2Checkpoint': 'supported' },
    })
    await append(store, add('a'))
    await writeCheckpoint(store, fakeReader, fakeWriter, 1)
    const sidecars = [...store.objects.keys()].filter((key) => key.startsWith('_delta_log/_sidecars/'))
    expect(sidecars).toHaveLength(1)
    for (const key of sidecars) store.objects.delete(key)
    expect((await loadSnapshot(store, fakeReader)).files.size).toBe(1)
    expect((await checkTable(store, fakeReader)).findings).toMatchObject([{ code: 'checkpoint-unreadable' }])
    store.objects.delete(commitKey(0))
    await expect(loadSnapshot(store, fakeReader)).rejects.toMatchObject({
      code: 'delta/broken-log',
      message: expect.stringContaining('refers to it, and it is not there') as string,
    })
  })

  it('lists again when clean-up took away what it had listed', async () => {
    const store = await tableOf(3)
    const withCheckpoint = store.copy()
    await writeCheckpoint(withCheckpoint, fakeReader, fakeWriter, 2)
    store.requests.length = 0
    let cleaned = false
    store.before = (request) => {
      if (request !== 'get' || cleaned || !store.requests.some((each) => each.startsWith('list'))) return
      cleaned = true
      for (const key of [classicCheckpointKey(2), '_delta_log/_last_checkpoint']) {
        const each = withCheckpoint.objects.get(key)
        if (each !== undefined) store.objects.set(key, each)
      }
      for (const version of [0, 1, 2]) store.objects.delete(commitKey(version))
    }
    expect(await loadState(store, fakeReader)).toMatchObject({ version: 3, checkpointVersion: 2 })
    expect(cleaned).toBe(true)
    await expectSound(store)
  })

  it('says so when what was listed stays away', async () => {
    const store = await tableOf(3)
    const whole = store.copy()
    store.get = (key) => (key === commitKey(2) ? Promise.resolve({ kind: 'missing' }) : whole.get(key))
    await expect(loadState(store, fakeReader)).rejects.toMatchObject({ code: 'delta/log-changed', kind: 'unavailable' })
  })

  it.each([
    ['no protocol', 'protocol', 'delta/no-protocol'],
    ['no metaData', 'metaData', 'delta/no-metadata'],
  ])('refuses a log with %s', async (_, action, code) => {
    const store = await tableOf(0)
    const lines = store.text(commitKey(0)).split('\n')
    store.seed(commitKey(0), lines.filter((line) => !line.startsWith(`{"${action}"`)).join('\n'))
    await expect(loadState(store, fakeReader)).rejects.toMatchObject({ code, kind: 'data' })
  })

  it('refuses a log whose state it cannot know from the log alone, before anything else', async () => {
    const store = await tableOf(0)
    const features = ['catalogManaged']
    const protocol = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features }
    store.seed(commitKey(1), JSON.stringify({ protocol }))
    await expect(loadState(store, fakeReader)).rejects.toMatchObject({ code: 'delta/unsupported-feature' })
  })
})
