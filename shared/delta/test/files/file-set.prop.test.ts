import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadSnapshot, refreshSnapshot, writeCheckpoint, type Action, type Snapshot } from '../../src/index.ts'
import { encodeEntry } from '../../src/actions/entry-body.ts'
import { entryFaults } from '../../src/log/entry-rules.ts'
import { commitKey } from '../../src/log/file-names.ts'
import { newReplay, replayAction, type Replay } from '../../src/snapshot/replay.ts'
import { anyStateAction } from '../support/arbitrary.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { info, makeTable } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const anyCommit = fc
  .array(anyStateAction, { maxLength: 5 })
  .filter((actions: readonly Action[]) => entryFaults(actions).length === 0)
const anyHistory = fc.array(anyCommit, { minLength: 1, maxLength: 10 })

/** What the files amount to by the plain fold of the log. */
function folded(history: readonly (readonly Action[])[]): Replay {
  const replay = newReplay('files')
  for (const action of history.flat()) replayAction(replay, action)
  return replay
}

interface Files {
  readonly adds: readonly unknown[]
  readonly removes: readonly unknown[]
}

const byText = (files: Iterable<unknown>): readonly unknown[] =>
  [...files].map((each) => JSON.stringify({ ...(each as object), dataChange: false }, sortedKeys)).sort()

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const wanted = (replay: Replay): Files => ({
  adds: byText(replay.files?.adds.values() ?? []),
  removes: byText(replay.files?.removes.values() ?? []),
})

const found = ({ files, removes }: Snapshot): Files => ({ adds: byText(files), removes: byText(removes) })

function commit(store: TestStore, version: number, actions: readonly Action[]): void {
  store.objects.set(commitKey(version), { body: encodeEntry([info(`t${version}`), ...actions]), modifiedMs: 0 })
}

async function emptyTable(): Promise<TestStore> {
  const store = new TestStore()
  // Nothing expires.
  store.nowMs = 0
  await makeTable(store)
  return store
}

describe('the files of a snapshot', () => {
  it('are those of the plain fold, also when they were read on version by version, through checkpoints', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, fc.nat(), fc.nat(), async (history, at, from) => {
        const store = await emptyTable()
        const checkpointed = at % history.length
        const started = from % history.length
        let followed: Snapshot | undefined
        const kept: { readonly snapshot: Snapshot; readonly files: Files }[] = []
        for (const [index, actions] of history.entries()) {
          commit(store, index + 1, actions)
          if (index === checkpointed) await writeCheckpoint(store, fakeReader, fakeWriter, index + 1)
          if (index < started) continue
          followed =
            followed === undefined
              ? await loadSnapshot(store, fakeReader)
              : await refreshSnapshot(store, fakeReader, followed)
          const files = wanted(folded(history.slice(0, index + 1)))
          expect(found(followed)).toEqual(files)
          expect(followed.files.size).toBe(files.adds.length)
          kept.push({ snapshot: followed, files })
        }
        // Those before are as they were.
        for (const { snapshot, files } of kept) expect(found(snapshot)).toEqual(files)
        const whole = await loadSnapshot(store, fakeReader)
        const replay = folded(history)
        expect(found(whole)).toEqual(wanted(replay))
        let bytes = 0
        for (const add of whole.files) {
          bytes += add.size
          expect(whole.files.get(add.path)?.path).toBe(add.path)
          expect(whole.files.has(add.path)).toBe(true)
        }
        expect(whole.files.bytes / Math.max(1, bytes)).toBeCloseTo(bytes === 0 ? 0 : 1)
        expect(whole.files.has('no such file')).toBe(false)
        expect([...whole.files.keys()].sort()).toEqual([...whole.files].map(({ path }) => path).sort())
      }),
      { numRuns: 150 },
    )
  })

  it('go two ways from one version without touching each other', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, anyCommit, anyCommit, async (history, one, other) => {
        const store = await emptyTable()
        history.forEach((actions, index) => commit(store, index + 1, actions))
        const base = await loadSnapshot(store, fakeReader)
        base.files.has('a')
        const next = history.length + 1
        const [storeA, storeB] = [store.copy(), store.copy()]
        commit(storeA, next, one)
        commit(storeB, next, other)
        const first = await refreshSnapshot(storeA, fakeReader, base)
        const second = await refreshSnapshot(storeB, fakeReader, base)
        expect(found(first)).toEqual(wanted(folded([...history, one])))
        expect(found(second)).toEqual(wanted(folded([...history, other])))
        expect(found(base)).toEqual(wanted(folded(history)))
        for (const add of first.files) expect(first.files.get(add.path)?.path).toBe(add.path)
        for (const add of second.files) expect(second.files.get(add.path)?.path).toBe(add.path)
      }),
      { numRuns: 100 },
    )
  })
})
