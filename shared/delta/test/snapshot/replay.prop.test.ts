import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyActions,
  checkTable,
  followLog,
  loadSnapshot,
  loadState,
  writeCheckpoint,
  type Action,
  type TableState,
} from '../../src/index.ts'
import { commitKey } from '../../src/log/file-names.ts'
import { entryFaults } from '../../src/log/entry-rules.ts'
import { encodeEntry } from '../../src/actions/entry-body.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { anyStateAction } from '../support/arbitrary.ts'
import { info, makeTable } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const anyCommit = fc
  .array(anyStateAction, { maxLength: 5 })
  .filter((actions: readonly Action[]) => entryFaults(actions).length === 0)
const anyLog = fc.array(anyCommit, { minLength: 1, maxLength: 8 })

async function tableOf(log: readonly (readonly Action[])[]): Promise<TestStore> {
  const store = new TestStore()
  // Nothing expires: what a checkpoint holds is then all that replay holds.
  store.nowMs = 0
  await makeTable(store, { extra: [] })
  log.forEach((actions, index) => {
    store.objects.set(commitKey(index + 1), { body: encodeEntry([info(`t${index}`), ...actions]), modifiedMs: 0 })
  })
  return store
}

const stored = (snapshot: Awaited<ReturnType<typeof loadSnapshot>>): unknown => ({
  version: snapshot.version,
  txns: [...snapshot.txns].sort(),
  domains: [...snapshot.domains].sort(),
  files: [...snapshot.files].map((each) => [each.path, { ...each, dataChange: false }]).sort(),
  removes: [...snapshot.removes]
    .map((each) => ({ ...each, dataChange: false }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
})

describe('replay', () => {
  it('of any split equals replay of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), async (log, at) => {
        const store = await tableOf(log)
        const split = at % (log.length + 1)
        const whole = (await loadState(store, fakeReader)) as TableState
        const tail = store.copy()
        for (const key of store.objects.keys()) if (key > commitKey(split)) store.objects.delete(key)
        const early = (await loadState(store, fakeReader)) as TableState
        expect((await followLog(tail, early)).state).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('through a checkpoint at any version equals replay of the commits', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(), async (log, at) => {
        const store = await tableOf(log)
        const version = at % (log.length + 1)
        const whole = stored(await loadSnapshot(store, fakeReader))
        await writeCheckpoint(store, fakeReader, fakeWriter, version)
        const differing = (await checkTable(store, fakeReader)).findings.filter(
          (each) => each.code === 'checkpoint-differs',
        )
        expect(differing).toEqual([])
        for (let below = 0; below < version; below++) store.objects.delete(commitKey(below))
        expect(stored(await loadSnapshot(store, fakeReader))).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('applies one commit as loading does', async () => {
    const store = await tableOf([[{ txn: { appId: 'a', version: 7 } }]])
    const whole = (await loadState(store, fakeReader)) as TableState
    store.objects.delete(commitKey(1))
    const before = (await loadState(store, fakeReader)) as TableState
    const actions: readonly Action[] = [info('t0'), { txn: { appId: 'a', version: 7 } }]
    expect(applyActions(before, { version: 1, actions })).toEqual(whole)
    expect(() => applyActions(before, { version: 2, actions })).toThrow(/does not follow/)
  })
})
