import { describe, expect, it } from 'vitest'
import { followedTable, loadState, writeCheckpoint } from '../../src/index.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { add, append, makeTable, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

/** A table of so many versions, a checkpoint every hundred. */
async function tableOf(versions: number): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store)
  for (let version = 1; version <= versions; version++) {
    await append(store, add(`f${version}`), txn('silt:t:x:0', version))
    if (version % 100 === 0) await writeCheckpoint(store, fakeReader, fakeWriter, version)
  }
  return store
}

async function costOf(store: TestStore, work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  store.requests.length = 0
  await work()
  const costs: Record<string, number> = {}
  for (const request of store.requests) {
    const name = request.split(' ')[0] ?? ''
    costs[name] = (costs[name] ?? 0) + 1
  }
  return costs
}

describe('what reading costs, in requests', () => {
  it.each([10, 250])(
    'a refresh of a table of %i versions: one GET for each that is new, one that finds the end',
    async (versions) => {
      const store = await tableOf(versions)
      const time = { nowMs: () => store.nowMs }
      const followed = followedTable({ store, parquetReader: fakeReader, steadyNowMs: () => 0, clock: time })
      await followed.refresh()
      expect(await costOf(store, () => followed.refresh())).toEqual({ get: 1 })
      for (let version = 1; version <= 7; version++) await append(store, add(`n${version}`))
      expect(await costOf(store, () => followed.refresh())).toEqual({ get: 8 })
      expect(followed.state?.version).toBe(versions + 7)
    },
  )

  it('a load: the hint, one LIST, the checkpoint, and the commits since, however long the log is', async () => {
    const [short, long] = [await tableOf(110), await tableOf(310)]
    const [one, other] = [
      await costOf(short, () => loadState(short, fakeReader)),
      await costOf(long, () => loadState(long, fakeReader)),
    ]
    expect(one).toEqual(other)
    expect(one['list']).toBe(1)
    expect(one['get']).toBeLessThan(16)
  })
})
