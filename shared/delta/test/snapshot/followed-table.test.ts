import { beforeEach, describe, expect, it } from 'vitest'
import { commitKey, followedTable, writeCheckpoint, type FollowedTable } from '../../src/index.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { append, makeTable, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const longMs = 61_000
let store: TestStore
let steadyMs: number
let wallMs: number
let table: FollowedTable
beforeEach(() => {
  store = new TestStore()
  steadyMs = 5
  wallMs = 1_700_000_000_000
  const clock = { nowMs: () => wallMs }
  table = followedTable({ store, parquetReader: fakeReader, steadyNowMs: () => steadyMs, clock })
})

async function appendTo(version: number): Promise<void> {
  for (let next = (table.state?.version ?? 0) + 1; next <= version; next++) await append(store, txn('silt:t:x:0', next))
}

/** What the log needs no more after a checkpoint of `version`, removed as others do. */
async function cleanBelow(version: number): Promise<void> {
  await writeCheckpoint(store, fakeReader, fakeWriter, version)
  for (let old = 0; old < version; old++) store.objects.delete(commitKey(old))
}

describe('a followed table', () => {
  it('is undefined until there is one, then reads on by the next names alone', async () => {
    await table.refresh()
    expect(table.state).toBeUndefined()
    await makeTable(store)
    await table.refresh()
    await appendTo(3)
    store.requests.length = 0
    steadyMs += 10
    await table.refresh()
    expect([table.state?.version, table.readMs]).toEqual([3, 15])
    expect(store.requests.some((request) => request.startsWith('list'))).toBe(false)
  })

  it.each([
    ['the wall clock was set back an hour', longMs, -3_600_000, 0],
    ['the machine slept', 1000, 3_600_000, 0],
    ['the machine was halted, its clocks stood still', 1000, 1000, 3_600_000],
  ])('that was not looked at for long is read from its newest checkpoint: %s', async (_why, steady, wall, answer) => {
    await makeTable(store)
    await table.refresh()
    await appendTo(4)
    await cleanBelow(4)
    steadyMs += steady
    wallMs += wall
    store.before = () => {
      store.nowMs += answer
      store.before = () => undefined
    }
    await table.refresh()
    expect(table.state?.version).toBe(4)
  })

  it('that was not looked at for long and has not changed costs two requests more, not its checkpoint', async () => {
    await makeTable(store)
    await table.refresh()
    await appendTo(4)
    await cleanBelow(4)
    steadyMs += longMs
    await table.refresh()
    store.requests.length = 0
    steadyMs += longMs
    await table.refresh()
    expect(store.requests).toEqual([`get ${commitKey(5)}`, `get ${commitKey(4)}`])
  })

  it('that is gone, or another, is refused', async () => {
    await makeTable(store)
    await table.refresh()
    store.objects.clear()
    steadyMs += longMs
    await expect(table.refresh()).rejects.toMatchObject({ code: 'delta/table-replaced', kind: 'unsupported' })
  })
})
