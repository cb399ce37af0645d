import { describe, expect, it } from 'vitest'
import { commitKey, history } from '../../src/index.ts'
import { intervalMs } from '../../src/table/properties.ts'
import { add, append, expectSound, makeTable } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

async function threeVersions(): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store)
  await append(store, add('a'))
  await append(store, add('b'))
  ;[100, 300, 200].forEach((modifiedMs, version) => {
    const found = store.objects.get(commitKey(version))
    if (found !== undefined) store.objects.set(commitKey(version), { ...found, modifiedMs })
  })
  return store
}

describe('history', () => {
  it('is newest first and stops at the limit', async () => {
    const store = await threeVersions()
    expect((await history(store)).map((each) => [each.version, each.commitInfo?.txnId])).toEqual([
      [2, 't2'],
      [1, 't1'],
      [0, 'create'],
    ])
    expect(await history(store, { limit: 1 })).toHaveLength(1)
    expect(await history(new TestStore())).toEqual([])
    await expectSound(store)
  })
})

describe('retention text', () => {
  it.each([
    ['interval 1 week', 604_800_000],
    ['interval 7 days', 604_800_000],
    ['INTERVAL 2 days 12 hours', 216_000_000],
    ['90 minutes', 5_400_000],
    ['interval 1 month', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('%s is %s ms', (text, ms) => {
    expect(intervalMs(text)).toBe(ms)
  })
})
