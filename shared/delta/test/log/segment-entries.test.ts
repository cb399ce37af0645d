import { describe, expect, it } from 'vitest'
import { loadSnapshot, loadState, type Action } from '../../src/index.ts'
import { encodeEntry } from '../../src/actions/entry-body.ts'
import { commitKey, versionPrefix } from '../../src/log/file-names.ts'
import { fakeReader } from '../support/fake-parquet.ts'
import { add, append, makeTable, remove, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const compactionKey = (first: number, last: number): string =>
  `${versionPrefix(first)}.${versionPrefix(last).slice('_delta_log/'.length)}.compacted.json`

const compacted: readonly Action[] = [add('b'), add('d'), remove('a', 5), remove('c', 6), txn('x', 2)]

/** Versions 1 to 5; a compaction of 2 to 4 unless told otherwise. */
async function table(body: string | undefined, last = 4): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store)
  await append(store, add('a'))
  await append(store, add('b'), remove('a', 5), txn('x', 1))
  await append(store, add('c'), add('d'))
  await append(store, remove('c', 6), txn('x', 2))
  await append(store, add('e'))
  if (body !== undefined) store.seed(compactionKey(2, last), body)
  store.requests.length = 0
  return store
}

const text = (actions: readonly Action[]): string => new TextDecoder().decode(encodeEntry(actions))

const reads = (store: TestStore): readonly string[] =>
  store.requests.flatMap((each) => (/^get _delta_log\/(0{10,}.*)/.exec(each)?.[1] ?? '').match(/^.+/) ?? [])

describe('reading a segment', () => {
  it('reads a compaction in place of its commits, to the same state', async () => {
    const store = await table(text(compacted))
    const without = await loadSnapshot(await table(undefined), fakeReader)
    const snapshot = await loadSnapshot(store, fakeReader)
    expect([...snapshot.files.keys()].sort()).toEqual(['b', 'd', 'e'])
    expect(snapshot.txns).toEqual(without.txns)
    expect(snapshot.removes.size).toBe(without.removes.size)
    expect(snapshot.commitDigest).toBe(without.commitDigest)
    const names = [commitKey(0), commitKey(1), compactionKey(2, 4), commitKey(5)]
    expect(reads(store).map((each) => `_delta_log/${each}`)).toEqual(names)
  })

  it('reads the newest commit as well where a compaction ends there: its digest and clock are in no compaction', async () => {
    const store = await table(text([...compacted, add('e')]), 5)
    const state = await loadState(store, fakeReader)
    expect(state?.commitDigest).toBe((await loadState(await table(undefined), fakeReader))?.commitDigest)
    expect(reads(store).map((each) => `_delta_log/${each}`)).toContain(commitKey(5))
  })

  it.each([
    ['is broken', '{"add":{"path"'],
    ['is empty', ''],
  ])('reads the commits where a compaction %s', async (_, body) => {
    const store = await table(body)
    const snapshot = await loadSnapshot(store, fakeReader)
    expect([...snapshot.files.keys()].sort()).toEqual(['b', 'd', 'e'])
  })

  it('reads the commits where a compaction is gone by the time it is read', async () => {
    const store = await table(text(compacted))
    store.before = (request, key) => {
      if (request === 'get' && key === compactionKey(2, 4)) store.objects.delete(key)
    }
    expect([...(await loadSnapshot(store, fakeReader)).files.keys()].sort()).toEqual(['b', 'd', 'e'])
  })

  it('a store that is away while a compaction is read is no broken compaction', async () => {
    const store = await table(text(compacted))
    store.before = (request, key) => {
      if (request === 'get' && key === compactionKey(2, 4)) throw new Error('away')
    }
    await expect(loadSnapshot(store, fakeReader)).rejects.toThrow('away')
  })
})
