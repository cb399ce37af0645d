import { describe, expect, it } from 'vitest'
import {
  applyActions,
  commitEntry,
  commitInfo,
  commitKey,
  followLog,
  loadState,
  proveNewest,
  type TableState,
} from '../../src/index.ts'
import { fakeReader } from '../support/fake-parquet.ts'
import { add, append, expectSound, makeTable, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

async function tableOf(versions: number): Promise<{ store: TestStore; state: TableState }> {
  const store = new TestStore()
  const state = await makeTable(store)
  for (let version = 1; version <= versions; version++)
    await append(store, add(`f${version}`), txn('silt:t:x:0', version))
  return { store, state }
}

describe('following the log', () => {
  it('costs one get when there is nothing new, and no list', async () => {
    const { store, state } = await tableOf(0)
    store.requests.length = 0
    expect((await followLog(store, state)).entries).toEqual([])
    expect(store.requests).toEqual([`get ${commitKey(1)}`])
  })

  it('arrives at the state that loading gives', async () => {
    const { store, state } = await tableOf(5)
    const followed = await followLog(store, state)
    expect(followed.entries.map((each) => each.version)).toEqual([1, 2, 3, 4, 5])
    expect(followed.state).toEqual(await loadState(store, fakeReader))
    await expectSound(store)
  })

  it('stops at the limit and goes on from there', async () => {
    const { store, state } = await tableOf(5)
    const first = await followLog(store, state, { limit: 2 })
    expect(first.state.version).toBe(2)
    expect((await followLog(store, first.state)).state.version).toBe(5)
  })
})

describe('proving that a version is the newest', () => {
  it('holds while N is the same and N+1 is not there', async () => {
    const { store } = await tableOf(2)
    const state = (await loadState(store, fakeReader)) as TableState
    expect(await proveNewest(store, state)).toBe('newest')
  })

  it('gives what came after', async () => {
    const { store, state } = await tableOf(2)
    const proof = await proveNewest(store, state)
    expect(proof).toMatchObject({ state: { version: 2 }, entries: [{ version: 1 }, { version: 2 }] })
  })

  it('knows its own commit again, as prepared and as read', async () => {
    const { store, state } = await tableOf(0)
    const silt = { v: 1, topicId: null, units: [{ 2: 'b', 1: 'a' }] }
    const token = 'own'
    const own = commitInfo({
      timestampMs: 1,
      operation: 'WRITE',
      engineInfo: 'silt/test',
      token,
      isBlindAppend: true,
      silt,
    })
    const actions = [
      own,
      add('a b', 1, { partitionValues: { p: null }, tags: { z: '1', 10: '2' } }),
      txn('silt:t:x:0', 1),
    ]
    await commitEntry(store, { version: 1, actions, token, readBack: false })
    expect(await proveNewest(store, applyActions(state, { version: 1, actions }))).toBe('newest')
  })

  it('asks to reload when clean-up took N away', async () => {
    const { store } = await tableOf(2)
    const state = (await loadState(store, fakeReader)) as TableState
    store.objects.delete(commitKey(2))
    expect(await proveNewest(store, state)).toBe('reload')
  })

  it('asks to reload when N belongs to another table under the same name', async () => {
    const { store } = await tableOf(2)
    const state = (await loadState(store, fakeReader)) as TableState
    store.objects.delete(commitKey(2))
    await append(store, add('other'))
    expect(await proveNewest(store, state)).toBe('reload')
  })

  it('looks for N after N+1: a clean-up between the two cannot pass for "newest"', async () => {
    const { store, state } = await tableOf(1)
    let gets = 0
    store.before = (request) => {
      // The oldest goes first, as clean-up does: after the first look, both are gone.
      if (request === 'get' && ++gets === 1) for (const version of [0, 1]) store.objects.delete(commitKey(version))
    }
    expect(await proveNewest(store, state)).toBe('reload')
  })
})
