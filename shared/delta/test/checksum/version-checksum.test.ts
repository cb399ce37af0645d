import { describe, expect, it } from 'vitest'
import { checksumOf, loadSnapshot, loadState, writeChecksum, type TableState } from '../../src/index.ts'
import { readChecksum, type VersionChecksum } from '../../src/checksum/version-checksum.ts'
import { checksumKey, classicCheckpointKey } from '../../src/log/file-names.ts'
import { writeCheckpoint } from '../../src/index.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { add, append, expectSound, makeTable, remove, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

/** Versions 0 to 3: three live files of ten bytes, `txn`s with and without a time, a domain. */
async function table(): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store)
  await append(store, add('a'), add('b'), txn('silt:x', 7))
  await append(store, { txn: { appId: 'spark', version: 1, lastUpdated: 5 } })
  await append(store, add('c'), { domainMetadata: { domain: 'd', configuration: '{}', removed: false } })
  return store
}

async function loaded(store: TestStore): Promise<TableState> {
  const state = await loadState(store, fakeReader)
  if (state === undefined) throw new Error('no table')
  return state
}

async function withChecksums(...versions: readonly number[]): Promise<TestStore> {
  const store = await table()
  const snapshot = async (version: number): Promise<void> => {
    const checksum = checksumOf(await loadSnapshot(store, fakeReader, { version }))
    if (checksum !== undefined) await writeChecksum(store, version, checksum)
  }
  for (const version of versions) await snapshot(version)
  return store
}

function change(store: TestStore, version: number, by: Readonly<Record<string, unknown>>): void {
  const whole = JSON.parse(store.text(checksumKey(version))) as object
  store.seed(checksumKey(version), JSON.stringify({ ...whole, ...by }))
}

describe('a version checksum', () => {
  it('says what the spec asks for', async () => {
    const store = await table()
    const state = await loaded(store)
    expect(JSON.parse(JSON.stringify(checksumOf(state, 'token')))).toEqual({
      txnId: 'token',
      tableSizeBytes: 30,
      numFiles: 3,
      numMetadata: 1,
      numProtocol: 1,
      setTransactions: [
        { appId: 'silt:x', version: 7 },
        { appId: 'spark', version: 1, lastUpdated: 5 },
      ],
      domainMetadata: [{ domain: 'd', configuration: '{}', removed: false }],
      metadata: state.metadata,
      protocol: { minReaderVersion: 1, minWriterVersion: 2 },
    })
  })

  it('is read back as it was written, and never written over', async () => {
    const store = await table()
    const checksum = checksumOf(await loaded(store)) as VersionChecksum
    await writeChecksum(store, 3, checksum)
    await writeChecksum(store, 3, { ...checksum, numFiles: 99 })
    expect(await readChecksum(store, 3)).toEqual(checksum)
    await expectSound(store)
  })

  it('leaves the lists out that would make each commit cost more', async () => {
    const store = await table()
    await append(store, ...Array.from({ length: 100 }, (_, index) => txn(`app${index}`, 1)))
    expect(checksumOf(await loaded(store))).not.toHaveProperty('setTransactions')
  })

  it('is not made where the files are not known', async () => {
    const store = await table()
    await append(store, remove('a', 1))
    expect(checksumOf(await loaded(store))).toBeUndefined()
  })

  it("has the commit's own clock where the table keeps one, and is not made without", async () => {
    const state = await loaded(await table())
    const configuration = { 'delta.enableInCommitTimestamps': 'true' }
    const stamped = { ...state, metadata: { ...state.metadata, configuration } }
    expect(checksumOf({ ...stamped, inCommitTimestampMs: 5 })).toMatchObject({ inCommitTimestampOpt: 5 })
    expect(checksumOf(stamped)).toBeUndefined()
    expect(checksumOf({ ...state, inCommitTimestampMs: 5 })).not.toHaveProperty('inCommitTimestampOpt')
  })
})

describe('loading a table with version checksums', () => {
  it('takes the number of files from one, also above a checkpoint and where it is an older one', async () => {
    const store = await withChecksums(2, 3)
    await writeCheckpoint(store, fakeReader, fakeWriter, 2)
    expect((await loaded(store)).tally).toEqual({ files: 3, bytes: 30 })
    store.objects.delete(checksumKey(3))
    expect((await loaded(store)).tally).toEqual({ files: 3, bytes: 30 })
    store.objects.delete(checksumKey(2))
    expect((await loaded(store)).tally).toBeUndefined()
    expect(store.objects.has(classicCheckpointKey(2))).toBe(true)
  })

  it.each([
    ['numFiles', { numFiles: 4 }, 'numFiles is 4, the log amounts to 3'],
    ['tableSizeBytes', { tableSizeBytes: 31 }, 'tableSizeBytes is 31, the log amounts to 30'],
    ['numProtocol', { numProtocol: 2 }, 'numProtocol is 2'],
    ['numMetadata', { numMetadata: 0 }, 'numMetadata is 0'],
    ['protocol', { protocol: { minReaderVersion: 1, minWriterVersion: 3 } }, 'protocol is'],
    ['a txn', { setTransactions: [{ appId: 'silt:x', version: 8 }] }, 'txn silt:x is 8, the log amounts to 7'],
    ['a txn that is missing', { setTransactions: [] }, 'txn silt:x is missing'],
    ['a domain', { domainMetadata: [] }, 'domainMetadata is'],
  ])('tells of a wrong %s and reads the log all the same', async (_, by, message) => {
    const store = await withChecksums(3)
    change(store, 3, by)
    const snapshot = await loadSnapshot(store, fakeReader)
    expect(snapshot.checksumProblems).toEqual([expect.stringContaining(message)])
    expect(snapshot.tally).toEqual({ files: 3, bytes: 30 })
    expect((await loaded(store)).checksumProblems).toEqual(snapshot.checksumProblems)
  })

  it('believes no wrong checksum where it cannot count itself', async () => {
    const store = await withChecksums(3)
    await writeCheckpoint(store, fakeReader, fakeWriter, 3)
    change(store, 3, { protocol: { minReaderVersion: 1, minWriterVersion: 3 } })
    expect(await loaded(store)).not.toHaveProperty('tally')
  })

  it('a txn with a time may have expired on either side', async () => {
    const store = await withChecksums(3)
    change(store, 3, {
      setTransactions: [
        { appId: 'silt:x', version: 7 },
        { appId: 'old', version: 3, lastUpdated: 1 },
      ],
    })
    expect((await loaded(store)).checksumProblems).toBeUndefined()
  })

  it.each([
    ['is not JSON', 'nonsense'],
    ['is empty', ''],
    ['is of another shape', '[]'],
    ['lacks a number', '{"tableSizeBytes":1,"numFiles":1,"numMetadata":1}'],
    [
      'holds a broken protocol',
      '{"tableSizeBytes":30,"numFiles":3,"numMetadata":1,"numProtocol":1,"protocol":{"a":1}}',
    ],
  ])('names a checksum that %s, and reads the log all the same', async (_, body) => {
    const store = await table()
    store.seed(checksumKey(3), body)
    const state = await loaded(store)
    expect(state.version).toBe(3)
    expect(state.checksumProblems).toEqual([expect.stringContaining(checksumKey(3))])
  })

  it('reads checksums of older engines, which hold less', async () => {
    const store = await table()
    store.seed(checksumKey(3), '{"tableSizeBytes":30,"numFiles":3,"numMetadata":1,"numProtocol":1,"numTransactions":2}')
    expect((await loaded(store)).checksumProblems).toBeUndefined()
  })

  it('a checksum that is gone when it is read says nothing', async () => {
    const store = await withChecksums(3)
    store.before = (request, key) => {
      if (request === 'get' && key === checksumKey(3)) store.objects.delete(key)
    }
    expect((await loaded(store)).checksumProblems).toBeUndefined()
  })
})
