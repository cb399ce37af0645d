import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom, type Random } from '@silt/core'
import { applyActions, commitEntry, followLog, loadSnapshot, readEntry, type TableState } from '../../src/index.ts'
import { fakeReader } from '../support/fake-parquet.ts'
import { add, expectSound, info, makeTable, txn } from '../support/table.ts'
import { putFaults, TestStore } from '../support/test-store.ts'

/** Commits each of its files once, however attempts end; what it was told to be committed goes to `claimed`. */
async function committer(
  name: number,
  store: TestStore,
  start: TableState,
  random: Random,
  claimed: Map<string, number>,
): Promise<void> {
  let state = start
  for (let unit = 0; unit < 4; unit++) {
    const path = `c${name}-u${unit}`
    for (let attempts = 0; ; attempts++) {
      expect(attempts).toBeLessThan(500)
      state = (await followLog(store, state)).state
      if (state.txns.has(path)) break
      const token = random.uuid()
      const version = state.version + 1
      const actions = [info(token), add(path), txn(path, 1)]
      const outcome = await commitEntry(store, { version, actions, token, readBack: true })
      if (outcome.kind !== 'committed') continue
      claimed.set(token, version)
      state = applyActions(state, { version, actions })
    }
  }
}

describe('many committers on a faulty store', () => {
  it('lose no commit and double none, and "committed" is always true', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 4 }), async (seed, committers) => {
        const random = seededRandom(seed)
        const store = new TestStore()
        const start = await makeTable(store)
        store.putFault = () =>
          random.next() < 0.5 ? 'none' : (putFaults[Math.floor(random.next() * putFaults.length)] ?? 'none')
        store.before = async () => {
          for (let turns = Math.floor(random.next() * 4); turns > 0; turns--) await Promise.resolve()
        }
        const claimed = new Map<string, number>()
        const names = Array.from({ length: committers }, (_, name) => name)
        await Promise.all(names.map((name) => committer(name, store, start, random, claimed)))
        store.before = () => undefined
        const snapshot = await loadSnapshot(store, fakeReader)
        for (const path of snapshot.files.keys()) store.seed(path, '0123456789')
        await expectSound(store)
        expect(snapshot.files.size).toBe(committers * 4)
        // Each unit in exactly one version: no version but the first is without one.
        expect(snapshot.version).toBe(committers * 4)
        for (const [token, version] of claimed) {
          const entry = await readEntry(store, version)
          expect(JSON.stringify(entry?.actions[0])).toContain(token)
        }
      }),
      { numRuns: 60 },
    )
  })
})
