import { describe, expect, it } from 'vitest'
import { checksumOf, checkTable, commitKey, loadSnapshot, writeCheckpoint, type Action } from '../../src/index.ts'
import { encodeEntry } from '../../src/actions/entry-body.ts'
import { checksumKey, classicCheckpointKey, versionPrefix } from '../../src/log/file-names.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { add, append, info, makeTable, remove, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

async function soundTable(): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store)
  await append(store, add('a', 3), txn('silt:t:x:0', 3))
  await append(store, add('b', 4), txn('silt:t:x:0', 7))
  await append(store, add('c', 5), txn('silt:t:x:0', 12))
  return store
}

const raw = (store: TestStore, version: number, ...actions: readonly Action[]): void => {
  store.objects.set(commitKey(version), { body: encodeEntry([info('raw'), ...actions]), modifiedMs: 0 })
}

const codes = async (store: TestStore): Promise<readonly string[]> =>
  (await checkTable(store, fakeReader, { rowCount: () => 3 })).findings.map((each) => each.code)

describe('checking a table', () => {
  it('does not call a table sound that it cannot read', async () => {
    const store = await soundTable()
    const features = ['futureThing']
    raw(store, 4, {
      protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features },
    })
    expect((await checkTable(store, fakeReader)).findings).toMatchObject([
      { code: 'unknown-feature', message: expect.stringContaining('futureThing') as string },
    ])
  })

  it('tells of how many files it cannot see', async () => {
    const store = await soundTable()
    const deletionVector = { storageType: 'p', pathOrInlineDv: 's3://other/v.bin', sizeInBytes: 1, cardinality: 1 }
    await append(store, add('e'))
    raw(
      store,
      5,
      add('s3://other/d'),
      { remove: { path: 'e', dataChange: true } },
      {
        add: { ...add('e').add, deletionVector },
      },
    )
    expect(await checkTable(store, fakeReader)).toMatchObject({ liveFiles: 5, filesElsewhere: 2, findings: [] })
  })

  it('finds a live file without a value of a partition column, or with one of another', async () => {
    const store = await soundTable()
    const { metadata } = await loadSnapshot(store, fakeReader)
    raw(
      store,
      4,
      ...['a', 'b', 'c'].map((path): Action => ({ remove: { path, dataChange: true } })),
      { metaData: { ...metadata, partitionColumns: ['name'] } },
      add('d'),
      add('e', 1, { partitionValues: { name: null } }),
      add('f', 1, { partitionValues: { name: 'x', other: 'y' } }),
    )
    const { findings } = await checkTable(store, fakeReader)
    expect(findings.filter(({ code }) => code === 'partition-values')).toEqual([
      { code: 'partition-values', where: 'd', message: 'no value of name' },
      { code: 'partition-values', where: 'f', message: 'a value of other, which is no partition column' },
    ])
  })

  it('finds a live file whose path is none', async () => {
    const store = await soundTable()
    raw(store, 4, add('a%zz'))
    expect((await checkTable(store, fakeReader)).findings).toMatchObject([{ code: 'file-missing', where: 'a%zz' }])
  })

  it('finds nothing in a sound one', async () => {
    const store = await soundTable()
    await writeCheckpoint(store, fakeReader, fakeWriter, 2)
    expect(await checkTable(store, fakeReader)).toEqual({
      version: 3,
      liveFiles: 3,
      rows: 12,
      commitsRead: 4,
      checkpointsCompared: 1,
      filesRead: 0,
      filesElsewhere: 0,
      valuesRead: false,
      findings: [],
    })
  })

  it.each<[string, (store: TestStore) => void | Promise<void>, string]>([
    ['a file gone from under an add', (store) => void store.objects.delete('b'), 'file-missing'],
    ['a file of another size', (store) => store.seed('b', '0'), 'file-size'],
    ['a hole in the log', (store) => void store.objects.delete(commitKey(1)), 'log-gap'],
    ['a commit cut off', (store) => store.seed(commitKey(2), '{"add":'), 'broken-entry'],
    ['a live path added again', (store) => raw(store, 4, add('a', 3)), 'duplicate-add'],
    ['a txn that goes back', (store) => raw(store, 4, txn('silt:t:x:0', 11)), 'txn-decreased'],
    [
      'a txn that other engines expire',
      (store) => raw(store, 4, { txn: { appId: 'silt:t:x:0', version: 12, lastUpdated: 1 } }),
      'txn-expires',
    ],
    ['two txns of one app id', (store) => raw(store, 4, txn('x', 1), txn('x', 2)), 'invalid-entry'],
    ['a checkpoint that is no Parquet', (store) => store.seed(classicCheckpointKey(2), 'x'), 'checkpoint-unreadable'],
  ])('finds %s', async (_, harm, code) => {
    const store = await soundTable()
    await harm(store)
    expect((await checkTable(store, fakeReader)).findings.map((each) => each.code)).toContain(code)
  })

  it('finds a checkpoint that lacks a live file or a txn', async () => {
    const store = await soundTable()
    const older = await soundTable()
    raw(older, 2, txn('silt:t:x:0', 6))
    await writeCheckpoint(older, fakeReader, fakeWriter, 2)
    const body = older.objects.get(classicCheckpointKey(2))
    if (body !== undefined) store.objects.set(classicCheckpointKey(2), body)
    const messages = (await checkTable(store, fakeReader)).findings.map((each) => each.message)
    expect(messages).toEqual(['txn silt:t:x:0 is 6, should be 7', '1 live files are missing from it, the first is b'])
  })

  it('takes the features of a checkpoint for a set, as other engines write them in another order', async () => {
    const withFeatures = async (...features: readonly string[]): Promise<TestStore> => {
      const store = await soundTable()
      const lists = { readerFeatures: features, writerFeatures: features }
      raw(store, 4, { protocol: { minReaderVersion: 3, minWriterVersion: 7, ...lists } })
      return store
    }
    const other = await withFeatures('timestampNtz', 'deletionVectors')
    await writeCheckpoint(other, fakeReader, fakeWriter, 4)
    const body = other.objects.get(classicCheckpointKey(4))
    if (body === undefined) throw new Error('no checkpoint')
    for (const [features, found] of [
      [['deletionVectors', 'timestampNtz'], []],
      [['deletionVectors'], ['its protocol differs from what the commits amount to']],
    ] as const) {
      const store = await withFeatures(...features)
      store.objects.set(classicCheckpointKey(4), body)
      const { findings } = await checkTable(store, fakeReader)
      expect(findings.map(({ message }) => message)).toEqual(found)
    }
  })

  it('takes a cleaned log for what it is, and a hole above the cleaned part for a hole', async () => {
    const store = await soundTable()
    await writeCheckpoint(store, fakeReader, fakeWriter, 0)
    await writeCheckpoint(store, fakeReader, fakeWriter, 2)
    for (const version of [0, 1]) store.objects.delete(commitKey(version))
    expect((await checkTable(store, fakeReader)).findings).toEqual([])
    store.objects.delete(commitKey(3))
    await append(store, add('d'))
    raw(store, 4)
    store.objects.delete(commitKey(3))
    expect((await checkTable(store, fakeReader)).findings).toMatchObject([{ code: 'log-gap', where: commitKey(3) }])
  })

  it('compares every version checksum with what the log amounts to', async () => {
    const store = await soundTable()
    const put = async (version: number, by: object = {}): Promise<void> => {
      const checksum = checksumOf(await loadSnapshot(store, fakeReader, { version }))
      store.seed(checksumKey(version), JSON.stringify({ ...checksum, ...by }))
    }
    for (const version of [0, 1, 2, 3]) await put(version)
    expect(await codes(store)).toEqual(['row-count', 'row-count'])
    await put(1, { numFiles: 9 })
    await put(2, { tableSizeBytes: 9 })
    store.seed(checksumKey(3), 'torn')
    const { findings } = await checkTable(store, fakeReader)
    expect(findings.map(({ code, where }) => [code, where])).toEqual([
      ['checksum-differs', checksumKey(1)],
      ['checksum-differs', checksumKey(2)],
      ['checksum-unreadable', checksumKey(3)],
    ])
    await writeCheckpoint(store, fakeReader, fakeWriter, 2)
    for (const version of [0, 1]) store.objects.delete(commitKey(version))
    const cleaned = (await checkTable(store, fakeReader)).findings
    expect(cleaned.map((each) => each.where)).toEqual([checksumKey(2), checksumKey(3)])
  })

  it('does not tell a wrong count at every version that goes on from it', async () => {
    const store = await soundTable()
    for (let version = 4; version < 30; version++) raw(store, version)
    const checksum = checksumOf(await loadSnapshot(store, fakeReader))
    for (let version = 3; version < 30; version++)
      store.seed(checksumKey(version), JSON.stringify({ ...checksum, numFiles: 9 }))
    expect((await checkTable(store, fakeReader)).findings).toHaveLength(10)
    store.seed(commitKey(5), '{"add":')
    expect((await checkTable(store, fakeReader)).findings.map((each) => each.code)).toEqual(['broken-entry'])
  })

  it.each<[string, readonly Action[] | string, readonly string[]]>([
    ['what its commits amount to', [add('a'), add('b'), txn('silt:t:x:0', 7)], []],
    ['less', [add('a'), txn('silt:t:x:0', 7)], ['it lacks file b']],
    ['more', [add('a'), add('b'), add('x'), txn('silt:t:x:0', 7)], ['file x is in none of its commits']],
    ['other', [add('a'), remove('b', 1), txn('silt:t:x:0', 3)], ['its file b is', 'its txn silt:t:x:0 is']],
    ['nothing that can be read', '{"add":', ['line 1: the line is not JSON']],
  ])('compares a log compaction that holds %s with its commits', async (_, body, messages) => {
    const store = await soundTable()
    const key = `${versionPrefix(1)}.${versionPrefix(2).slice('_delta_log/'.length)}.compacted.json`
    store.seed(key, typeof body === 'string' ? body : new TextDecoder().decode(encodeEntry(body)))
    const { findings } = await checkTable(store, fakeReader)
    expect(findings.map((each) => each.message).sort()).toEqual(
      messages.map((each) => expect.stringContaining(each) as string),
    )
  })

  it('counts rows where told to', async () => {
    expect(await codes(await soundTable())).toEqual(['row-count', 'row-count'])
  })

  it('lets others re-add without data change, and foreign progress go back', async () => {
    const store = await soundTable()
    raw(store, 4, add('a', 3, { dataChange: false }), txn('other', 9))
    raw(store, 5, remove('a', 1), txn('other', 2))
    raw(store, 6, add('a', 3))
    expect((await checkTable(store, fakeReader)).findings).toEqual([])
  })

  it('says so where there is no table', async () => {
    expect((await checkTable(new TestStore(), fakeReader)).findings).toMatchObject([{ code: 'no-table' }])
  })
})
