import { serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import type { ObjectRemoval } from '@silt/core'
import {
  checksumOf,
  cleanLog,
  commitKey,
  loadSnapshot,
  loadState,
  writeChecksum,
  writeCheckpoint,
  type Snapshot,
} from '../../src/index.ts'
import { checksumKey, classicCheckpointKey, sidecarKey, versionPrefix } from '../../src/log/file-names.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { add, append, expectSound, makeTable, remove, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const dayMs = 86_400_000

class Crash extends Error {}

/** Removes at most `removalsMax` objects, then dies. */
function removalOf(store: TestStore, removalsMax = Infinity): ObjectRemoval & { readonly removed: string[] } {
  const removed: string[] = []
  return {
    removed,
    remove: (key) => {
      if (removed.length >= removalsMax) return Promise.reject(new Crash())
      removed.push(key)
      store.objects.delete(key)
      return Promise.resolve()
    },
  }
}

/** Versions 0 to 9, one a day, the newest today at noon; checkpoints of 2, 5 and 8; all with version checksums; history is kept for two days. */
async function table(configuration: Readonly<Record<string, string>> = {}): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store, { configuration: { 'delta.logRetentionDuration': 'interval 2 days', ...configuration } })
  for (let version = 1; version <= 9; version++) {
    const removal = version % 3 === 0 ? [remove(`f${version - 1}`, store.nowMs)] : []
    await append(store, add(`f${version}`), txn('silt:x', version), ...removal)
  }
  for (const version of [2, 5, 8]) await writeCheckpoint(store, fakeReader, fakeWriter, version)
  for (let version = 0; version <= 9; version++) {
    const checksum = checksumOf(await loadSnapshot(store, fakeReader, { version }))
    if (checksum !== undefined) await writeChecksum(store, version, checksum)
  }
  store.nowMs = Math.floor(store.nowMs / dayMs) * dayMs + 12 * 3_600_000
  for (const [key, each] of store.objects) {
    const version = /_delta_log\/(\d{20})/.exec(key)?.[1]
    if (version !== undefined)
      store.objects.set(key, { ...each, modifiedMs: store.nowMs - (9 - Number(version)) * dayMs })
  }
  return store
}

const logNames = (store: TestStore): readonly string[] =>
  [...store.objects.keys()].filter((key) => key.startsWith('_delta_log/0')).sort()

/** The state and all the files of a version. */
const whole = (snapshot: Snapshot): unknown => ({
  ...snapshot,
  files: [...snapshot.files.values()]
    .map((each) => ({ ...each, dataChange: true }))
    .sort((a, b) => (a.path < b.path ? -1 : 1)),
  removes: undefined,
})

describe('cleaning a log', () => {
  it('leaves the checkpoint that reading begins at, its commit, and all that came after', async () => {
    const store = await table()
    const before = whole(await loadSnapshot(store, fakeReader))
    const removal = removalOf(store)
    // Today is version 9: two days ago at midnight 6 was the newest, and 5 is the newest checkpoint not after it.
    expect(await cleanLog(store, removal, fakeReader)).toEqual({
      kind: 'cleaned',
      checkpointVersion: 5,
      commits: 5,
      checkpointFiles: 1,
      auxiliaries: 5,
      sidecars: 0,
    })
    expect(logNames(store)[0]).toBe(classicCheckpointKey(5))
    expect(store.objects.has(commitKey(5))).toBe(true)
    expect(store.objects.has(checksumKey(5))).toBe(true)
    const commits = removal.removed.filter((key) => key.endsWith('.json'))
    expect(commits).toEqual([0, 1, 2, 3, 4].map(commitKey))
    expect(whole(await loadSnapshot(store, fakeReader))).toEqual(before)
    await expectSound(store)
  })

  it('that dies at any step leaves the table readable, and goes on when it is called again', async () => {
    const versions = [5, 6, 7, 8, 9]
    const untouched = await table()
    const wanted = await Promise.all(
      versions.map(async (version) => whole(await loadSnapshot(untouched, fakeReader, { version }))),
    )
    const done = untouched.copy()
    await cleanLog(done, removalOf(done), fakeReader)
    const steps = untouched.objects.size - done.objects.size
    expect(steps).toBe(11)
    for (let step = 0; step < steps; step++) {
      const store = untouched.copy()
      await expect(cleanLog(store, removalOf(store, step), fakeReader)).rejects.toThrow(Crash)
      const found = await Promise.all(
        versions.map(async (version) => whole(await loadSnapshot(store, fakeReader, { version }))),
      )
      expect(found, `after ${step} removals`).toEqual(wanted)
      await expectSound(store)
      await cleanLog(store, removalOf(store), fakeReader)
      expect(logNames(store)).toEqual(logNames(done))
    }
  })

  it('finds nothing more to do afterwards', async () => {
    const store = await table()
    await cleanLog(store, removalOf(store), fakeReader)
    expect(await cleanLog(store, removalOf(store), fakeReader)).toMatchObject({ kind: 'nothing', commits: 0 })
  })

  it('by two at once is as good as by one', async () => {
    const store = await table()
    await Promise.all([cleanLog(store, removalOf(store), fakeReader), cleanLog(store, removalOf(store), fakeReader)])
    expect(logNames(store)[0]).toBe(classicCheckpointKey(5))
    await expectSound(store)
  })

  it('keeps what its caller still reads', async () => {
    const store = await table()
    expect(await cleanLog(store, removalOf(store), fakeReader, { keepFromVersion: 4 })).toMatchObject({
      checkpointVersion: 2,
    })
    expect(logNames(store)[0]).toBe(classicCheckpointKey(2))
  })

  it('only tells what would go in a trial', async () => {
    const store = await table()
    const removal = removalOf(store)
    expect(await cleanLog(store, removal, fakeReader, { isDryRun: true })).toMatchObject({
      kind: 'cleaned',
      commits: 5,
    })
    expect(removal.removed).toEqual([])
  })

  it('does nothing to a table that is younger than its retention, or that keeps its log', async () => {
    for (const [configuration, reason] of [
      [{ 'delta.logRetentionDuration': 'interval 30 days' }, /no version is older/],
      [{ 'delta.enableExpiredLogCleanup': 'false' }, /enableExpiredLogCleanup/],
      [{ 'delta.logRetentionDuration': 'interval 18 months' }, /interval 18 months, which is no interval/],
    ] as const) {
      const store = await table(configuration)
      const outcome = await cleanLog(store, removalOf(store), fakeReader)
      expect(outcome.reason).toMatch(reason)
    }
  })

  it('removes nothing where the checkpoint that reading would begin at cannot be read', async () => {
    const store = await table()
    store.seed(classicCheckpointKey(5), 'torn')
    const removal = removalOf(store)
    await expect(cleanLog(store, removal, fakeReader)).rejects.toMatchObject({ code: 'delta/broken-log' })
    expect(removal.removed).toEqual([])
  })

  it('removes nothing of a table with a writer feature it does not know', async () => {
    const store = await table()
    await append(store, { protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['nobodyKnows'] } })
    await expect(cleanLog(store, removalOf(store), fakeReader)).rejects.toMatchObject({
      code: 'delta/unsupported-feature',
      context: { feature: 'nobodyKnows' },
    })
  })

  it('there is no table to clean', async () => {
    const store = new TestStore()
    await expect(cleanLog(store, removalOf(store), fakeReader)).rejects.toMatchObject({ code: 'delta/no-table' })
  })
})

describe('sidecars', () => {
  const uuid = '80a083e8-7026-4e79-81be-64bd76c43a11'
  const v2 = (version: number): string => `${versionPrefix(version)}.checkpoint.${uuid}.json`

  /** V2 checkpoints of versions 2 and 5 refer to sidecars `two` and `five`; `loose` belongs to nothing, nor does `young`, which is new. */
  async function sidecarTable(): Promise<TestStore> {
    const store = await table()
    for (const [version, name] of [
      [2, 'two'],
      [5, 'five'],
    ] as const) {
      const { protocol, metadata } = (await loadState(store, fakeReader)) ?? {}
      const { files } = await loadSnapshot(store, fakeReader, { version })
      store.objects.delete(classicCheckpointKey(version))
      const lines = [
        { checkpointMetadata: { version } },
        { protocol },
        { metaData: metadata },
        { txn: { appId: 'silt:x', version } },
        { sidecar: { path: `${name}.parquet`, sizeInBytes: 1, modificationTime: 1 } },
      ]
      store.seed(v2(version), lines.map((line) => JSON.stringify(line)).join('\n'))
      const rows = [...files.values()].map((each) => ({
        add: { ...each, partitionValues: new Map(), size: BigInt(each.size), modificationTime: 1n },
      }))
      const body = Buffer.concat([Buffer.from('FAKE'), serialize(rows)])
      store.objects.set(sidecarKey(`${name}.parquet`), { body, modifiedMs: store.nowMs - 9 * dayMs })
    }
    const ages = { loose: 9 * dayMs, young: dayMs }
    for (const [name, ageMs] of Object.entries(ages))
      store.objects.set(sidecarKey(`${name}.parquet`), { body: new Uint8Array(1), modifiedMs: store.nowMs - ageMs })
    return store
  }

  const sidecars = (store: TestStore): readonly string[] =>
    [...store.objects.keys()].flatMap((key) => /_sidecars\/(.*)\.parquet/.exec(key)?.[1] ?? []).sort()

  it('go when nothing refers to them, a day after they came, and after the checkpoint that did', async () => {
    const store = await sidecarTable()
    const before = whole(await loadSnapshot(store, fakeReader))
    expect(await cleanLog(store, removalOf(store), fakeReader)).toMatchObject({ checkpointVersion: 5, sidecars: 1 })
    expect(sidecars(store)).toEqual(['five', 'two', 'young'])
    expect(await cleanLog(store, removalOf(store), fakeReader)).toMatchObject({ kind: 'nothing', sidecars: 1 })
    expect(sidecars(store)).toEqual(['five', 'young'])
    expect(whole(await loadSnapshot(store, fakeReader))).toEqual(before)
  })

  it('all stay where a checkpoint cannot be read: nobody knows what it refers to', async () => {
    const store = await sidecarTable()
    store.seed(v2(2), 'torn')
    expect(await cleanLog(store, removalOf(store), fakeReader)).toMatchObject({ checkpointVersion: 5, sidecars: 0 })
    expect(sidecars(store)).toEqual(['five', 'loose', 'two', 'young'])
  })
})
