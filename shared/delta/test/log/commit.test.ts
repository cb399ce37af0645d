import { describe, expect, it } from 'vitest'
import { commitEntry, commitKey, readEntry } from '../../src/index.ts'
import { add, expectSound, info, makeTable, txn } from '../support/table.ts'
import { TestStore, type PutFault } from '../support/test-store.ts'

const attempt = (store: TestStore, token: string, readBack = false) =>
  commitEntry(store, { version: 1, actions: [info(token), txn('silt:t:x:0', 5)], token, readBack })

describe('committing a version', () => {
  it('sends one conditional put and nothing else', async () => {
    const store = new TestStore()
    await makeTable(store)
    store.requests.length = 0
    expect(await attempt(store, 'a')).toEqual({ kind: 'committed', storeTimeMs: store.nowMs })
    expect(store.requests).toEqual([`putIfAbsent ${commitKey(1)}`])
    await expectSound(store)
  })

  it('reads its token back when asked to: one get more', async () => {
    const store = new TestStore()
    await makeTable(store)
    store.requests.length = 0
    expect((await attempt(store, 'a', true)).kind).toBe('committed')
    expect(store.requests).toEqual([`putIfAbsent ${commitKey(1)}`, `get ${commitKey(1)}`])
  })

  it('calls a version that someone else made a conflict', async () => {
    const store = new TestStore()
    await makeTable(store)
    await attempt(store, 'winner')
    expect(await attempt(store, 'loser')).toEqual({ kind: 'conflict' })
  })

  it.each([
    ['its answer was lost after it landed', 'lost-after', 'committed'],
    ['a retry below met our own body', 'retried-after', 'committed'],
    ['it never arrived', 'lost-before', 'unknown'],
    ['it is still under way', 'lands-late', 'unknown'],
    ['the store is away', 'away', 'unknown'],
  ] as const)('when %s, answers %s → %s', async (_, fault: PutFault, kind) => {
    const store = new TestStore()
    await makeTable(store)
    store.putFault = () => fault
    expect((await attempt(store, 'a')).kind).toBe(kind)
  })

  it('sees through a store that claims to have created what another wrote, if it reads back', async () => {
    const store = new TestStore()
    await makeTable(store)
    await attempt(store, 'winner')
    store.putFault = () => 'claims-created'
    expect((await attempt(store, 'loser', true)).kind).toBe('conflict')
    expect(commitInfoToken(await readEntry(store, 1))).toBe('winner')
  })

  it('knows nothing when the read-back fails: it never throws after the put', async () => {
    const store = new TestStore()
    await makeTable(store)
    store.before = (request) => {
      if (request === 'get') throw new Error('away')
    }
    expect((await attempt(store, 'a', true)).kind).toBe('unknown')
  })

  it('calls a broken body of someone else a conflict', async () => {
    const store = new TestStore()
    await makeTable(store)
    store.seed(commitKey(1), '{"broken')
    expect(await attempt(store, 'a')).toEqual({ kind: 'conflict' })
  })

  it('refuses to send what would not be a valid commit', async () => {
    const store = new TestStore()
    await makeTable(store)
    const twice = [info('a'), add('x'), add('x')]
    await expect(commitEntry(store, { version: 1, actions: twice, token: 'a', readBack: false })).rejects.toThrow(
      /more than one add of x/,
    )
    await expect(
      commitEntry(store, { version: 1, actions: [info('other')], token: 'a', readBack: false }),
    ).rejects.toThrow(/does not carry its token/)
    expect(store.objects.has(commitKey(1))).toBe(false)
  })
})

function commitInfoToken(entry: Awaited<ReturnType<typeof readEntry>>): string | undefined {
  for (const action of entry?.actions ?? []) if ('commitInfo' in action) return action.commitInfo.txnId
  return undefined
}
