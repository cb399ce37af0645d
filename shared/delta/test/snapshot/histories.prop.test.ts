import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ObjectRemoval } from '@silt/core'
import {
  checkTable,
  checksumOf,
  countFiles,
  cleanLog,
  followLog,
  loadSnapshot,
  loadState,
  writeChecksum,
  writeCheckpoint,
  type Action,
  type LogEntry,
  type Snapshot,
  type TableState,
} from '../../src/index.ts'
import { encodeEntry } from '../../src/actions/entry-body.ts'
import { fileKey } from '../../src/actions/file-key.ts'
import { entryFaults } from '../../src/log/entry-rules.ts'
import { commitKey, lastCheckpointKey, versionPrefix } from '../../src/log/file-names.ts'
import { reconciled } from '../../src/log/reconcile.ts'
import { listLog, readableVersions } from '../../src/log/segment.ts'
import { readEntry } from '../../src/log/tail.ts'
import { anyStateAction } from '../support/arbitrary.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { info, makeTable } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const dayMs = 86_400_000

/** One thing that happens to a table; `at` and `span` choose versions among those there are. */
type Step =
  | { readonly kind: 'commit'; readonly actions: readonly Action[] }
  | { readonly kind: 'checkpoint' | 'checksum'; readonly at: number }
  | { readonly kind: 'compaction'; readonly at: number; readonly span: number }
  | { readonly kind: 'clean-up'; readonly dies: number }
  | { readonly kind: 'hint'; readonly text: string | undefined }

const anyActions = fc
  .array(anyStateAction, { maxLength: 5 })
  .filter((actions: readonly Action[]) => entryFaults(actions).length === 0)

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: anyActions.map((actions): Step => ({ kind: 'commit', actions })) },
  { weight: 2, arbitrary: fc.nat(50).map((at): Step => ({ kind: 'checkpoint', at })) },
  { weight: 1, arbitrary: fc.nat(50).map((at): Step => ({ kind: 'checksum', at })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(50), fc.integer({ min: 1, max: 6 }))
      .map(([at, span]): Step => ({ kind: 'compaction', at, span })),
  },
  // Dies after so many removals; most run to their end.
  { weight: 1, arbitrary: fc.oneof(fc.nat(12), fc.constant(999)).map((dies): Step => ({ kind: 'clean-up', dies })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(undefined, '{"version":3}', 'torn').map((text): Step => ({ kind: 'hint', text })),
  },
)

/** A table, and what it must amount to at every version, folded here anew. */
class History {
  readonly store = new TestStore()
  readonly entries: LogEntry[] = []

  async begin(): Promise<void> {
    await makeTable(this.store, { configuration: { 'delta.logRetentionDuration': 'interval 3 days' } })
    const entry = await readEntry(this.store, 0)
    if (entry !== undefined) this.entries.push(entry)
  }

  async take(step: Step): Promise<void> {
    const { store, entries } = this
    const range = readableVersions(await listLog(store)) ?? { oldest: 0, newest: 0 }
    const version = (at: number): number => range.oldest + (at % (range.newest - range.oldest + 1))
    switch (step.kind) {
      case 'commit': {
        store.nowMs += dayMs
        const actions = [info(`t${entries.length}`), ...step.actions]
        store.seed(commitKey(entries.length), new TextDecoder().decode(encodeEntry(actions)))
        entries.push({ version: entries.length, actions })
        return
      }
      case 'checkpoint':
        await writeCheckpoint(store, fakeReader, fakeWriter, version(step.at))
        return
      case 'checksum': {
        const state = await loadSnapshot(store, fakeReader, { version: version(step.at) })
        const checksum = checksumOf(state)
        if (checksum !== undefined) await writeChecksum(store, state.version, checksum)
        return
      }
      case 'compaction': {
        const first = version(step.at)
        const last = Math.min(first + step.span, range.newest)
        if (last > first) this.compact(first, last)
        return
      }
      case 'clean-up':
        await cleanLog(store, this.#removal(step.dies), fakeReader).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error
        })
        return
      case 'hint':
        if (step.text === undefined) store.objects.delete(lastCheckpointKey)
        else store.seed(lastCheckpointKey, step.text)
    }
  }

  compact(first: number, last: number): void {
    const commits = this.entries.slice(first, last + 1).flatMap(({ actions }) => actions)
    const actions = [...reconciled(commits).values()]
    const name = versionPrefix(last).slice('_delta_log/'.length)
    // A span of commits without any action of state has no compaction.
    if (actions.length > 0)
      this.store.seed(`${versionPrefix(first)}.${name}.compacted.json`, new TextDecoder().decode(encodeEntry(actions)))
  }

  at(version: number): unknown {
    const files = new Map<string, unknown>()
    const [txns, domains] = [new Map<string, number>(), new Map<string, unknown>()]
    for (const { actions } of this.entries.slice(0, version + 1))
      for (const action of actions) {
        if ('add' in action) files.set(fileKey(action.add), { ...action.add, dataChange: false })
        else if ('remove' in action) files.delete(fileKey(action.remove))
        else if ('txn' in action) txns.set(action.txn.appId, action.txn.version)
        else if ('domainMetadata' in action && action.domainMetadata.removed)
          domains.delete(action.domainMetadata.domain)
        else if ('domainMetadata' in action) domains.set(action.domainMetadata.domain, action.domainMetadata)
      }
    return { version, files: sorted(files.values()), txns: sorted(txns), domains: sorted(domains) }
  }

  #removal(dies: number): ObjectRemoval {
    let removals = 0
    return {
      remove: (key) => {
        if (removals++ >= dies) return Promise.reject(new Died())
        this.store.objects.delete(key)
        return Promise.resolve()
      },
    }
  }
}

class Died extends Error {}

function sorted(values: Iterable<unknown>): readonly string[] {
  return [...values].map((each) => canonical(each)).sort()
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}

function found({ version, files, txns, domains }: Snapshot): unknown {
  const live = [...files.values()].map((each) => ({ ...each, dataChange: false }))
  return { version, files: sorted(live), txns: sorted(txns), domains: sorted(domains) }
}

/** A path of its own: what is known of files without their list may be less by one way than by another, and never wrong. */
function comparable({ checkpointVersion: _, tally: __, ...state }: TableState): unknown {
  return { ...state, txns: sorted(state.txns), domains: sorted(state.domains), txnTimes: sorted(state.txnTimes ?? []) }
}

describe('a random history of commits, checkpoints, compactions, checksums and clean-ups that die', () => {
  it('gives the same state by every path', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 40 }), async (steps) => {
        const history = new History()
        await history.begin()
        for (const step of steps) await history.take(step)
        const { store } = history
        const range = readableVersions(await listLog(store))
        expect(range?.newest).toBe(history.entries.length - 1)
        const newest = await loadState(store, fakeReader)
        if (range === undefined || newest === undefined) throw new Error('the table is gone')
        for (let version = range.oldest; version <= range.newest; version++) {
          const snapshot = await loadSnapshot(store, fakeReader, { version })
          expect(found(snapshot)).toEqual(history.at(version))
          expect(snapshot.checksumProblems).toBeUndefined()
          if (version === range.newest && newest.tally !== undefined)
            expect(newest.tally).toEqual({ files: snapshot.files.size, bytes: snapshot.files.bytes })
          const { files: _, removes: __, ...state } = snapshot
          expect(comparable((await followLog(store, state)).state)).toEqual(comparable(newest))
        }
        const { version, files, removes } = await loadSnapshot(store, fakeReader)
        const counted = { version, files: files.size, bytes: files.bytes, removedBytes: removes.bytes }
        expect(await countFiles(store, fakeReader)).toEqual(counted)
        const { findings } = await checkTable(store, fakeReader)
        const fileless = [
          'partition-values',
          'file-missing',
          'file-size',
          'duplicate-add',
          'txn-decreased',
          'txn-expires',
        ]
        expect(findings.filter((each) => !fileless.includes(each.code))).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})
