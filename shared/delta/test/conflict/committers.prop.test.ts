import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom, type Random } from '@silt/core'
import {
  applyActions,
  checksumOf,
  commitEntry,
  conflictWith,
  entryFacts,
  followLog,
  loadSnapshot,
  readEntry,
  worstVerdict,
  writeChecksum,
  writeCheckpoint,
  type CommitIntent,
  type Rebuilt,
  type TableState,
} from '../../src/index.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { add, expectSound, info, makeTable, txn } from '../support/table.ts'
import { putFaults, TestStore } from '../support/test-store.ts'

const unitsEach = 4

function intentOf(appId: string, rebuilds: ReadonlySet<Rebuilt>): CommitIntent {
  return {
    appIds: new Set([appId]),
    domains: new Set(),
    readsTable: false,
    removes: new Set(),
    changesMetadata: false,
    changesProtocol: false,
    assignsRowIds: false,
    isStamped: false,
    rebuilds,
    progressTellsRows: true,
  }
}

/** Brings its application from one unit to the next; another of the same application may be at it too. What conflicts told goes to `verdicts`. */
async function committer(
  appId: string,
  store: TestStore,
  start: TableState,
  random: Random,
  verdicts: Set<string>,
): Promise<void> {
  let state = start
  const intent = intentOf(appId, new Set(['txn', 'metadata', 'protocol']))
  for (let attempts = 0; ; attempts++) {
    expect(attempts).toBeLessThan(1000)
    const followed = await followLog(store, state)
    const winners = followed.entries.map((entry) => conflictWith(intent, { facts: entryFacts(entry) }))
    const verdict = worstVerdict(winners)
    verdicts.add(verdict.kind === 'rebase' ? ['rebase', ...verdict.changes].join(' ') : verdict.kind)
    state = followed.state
    const unit = (state.txns.get(appId) ?? 0) + 1
    if (unit > unitsEach) return
    const token = random.uuid()
    const version = state.version + 1
    const actions = [info(token), add(`${appId}-u${unit}-${token}`), txn(appId, unit)]
    const outcome = await commitEntry(store, { version, actions, token, readBack: true })
    if (outcome.kind !== 'committed') continue
    state = applyActions(state, { version, actions })
    const checksum = checksumOf(state, token)
    if (checksum !== undefined && random.next() < 0.7)
      await writeChecksum(store, version, checksum).catch(() => undefined)
    if (random.next() < 0.2) await writeCheckpoint(store, fakeReader, fakeWriter, version).catch(() => undefined)
  }
}

describe('many committers, several of one application', () => {
  it('make a log without gap in which each txn stands once, judged by the matrix of conflicts', async () => {
    const verdicts = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 }),
        async (seed, apps) => {
          const random = seededRandom(seed)
          const store = new TestStore()
          const start = await makeTable(store)
          store.putFault = () =>
            random.next() < 0.6 ? 'none' : (putFaults[Math.floor(random.next() * putFaults.length)] ?? 'none')
          store.before = async () => {
            for (let turns = Math.floor(random.next() * 4); turns > 0; turns--) await Promise.resolve()
          }
          await Promise.all(apps.map((appId) => committer(appId, store, start, random, verdicts)))
          store.before = () => undefined
          const snapshot = await loadSnapshot(store, fakeReader)
          const applications = new Set(apps)
          expect(snapshot.version).toBe(applications.size * unitsEach)
          expect(snapshot.files.size).toBe(snapshot.version)
          expect(snapshot.checksumProblems).toBeUndefined()
          const steps = new Map<string, number[]>()
          for (let version = 1; version <= snapshot.version; version++)
            for (const action of (await readEntry(store, version))?.actions ?? [])
              if ('txn' in action)
                steps.set(action.txn.appId, [...(steps.get(action.txn.appId) ?? []), action.txn.version])
          for (const appId of applications) expect(steps.get(appId)).toEqual([1, 2, 3, 4])
          for (const { path } of snapshot.files.values()) store.seed(path, '0123456789')
          await expectSound(store)
        },
      ),
      { numRuns: 60 },
    )
    expect([...verdicts].sort()).toEqual(['rebase', 'rebase txn'])
  })
})
