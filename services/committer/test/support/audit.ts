import {
  deadLetterAppliedAppId,
  deadLetterPointerAppId,
  parseCommitRecord,
  parsePartitionAppId,
  parseUnitTags,
  type CommitRecord,
} from '@silt/contracts'
import type { AddFile, ObjectStore } from '@silt/core'
import { commitInfoOf, type LogEntry } from '@silt/delta'
import { expect } from 'vitest'
import { logOf } from './world.ts'

/**
 * I2, I3, I4, I5 and I8 on the content of both logs: in every main version each partition's units follow one another from its first offset to its `txn`;
 * files are exactly those of the units, each once; records of dead letters are in the dead-letter table once, in order, but for the newest.
 */
export async function auditLogs(main: ObjectStore, deadLetters: ObjectStore): Promise<ReadonlyMap<string, number>> {
  const entries = await logOf(main)
  const txns = new Map<string, number>()
  const covered = new Map<string, number>()
  const files = new Set<string>()
  const records = new Map<number, readonly object[]>()
  for (const entry of entries) {
    const record = parseCommitRecord(commitInfoOf(entry.actions)?.silt)
    takeTxns(entry, txns, covered)
    for (const unit of record?.units ?? [])
      for (const { partition, restart, start, endExclusive } of unit.ranges) {
        const key = `silt:${unit.topic}:${unit.topicId ?? ''}:${partition}${restart > 0 ? `:${restart}` : ''}`
        expect(start, `version ${entry.version}, ${key}`).toBe(covered.get(key))
        covered.set(key, endExclusive)
      }
    expect(covered, `version ${entry.version}`).toEqual(partitionTxns(txns))
    takeFiles(entry, record, files)
    if (record !== undefined && record.deadLetters.length > 0) {
      records.set(
        entry.version,
        record.deadLetters.map((add) => withoutName(add)),
      )
      expect(txns.get(deadLetterPointerAppId)).toBe(entry.version)
    }
  }
  await auditDeadLetters(deadLetters, idOf(entries), records)
  return covered
}

/** A partition's first `txn` is its first offset: nothing is covered before it. */
function takeTxns(entry: LogEntry, txns: Map<string, number>, covered: Map<string, number>): void {
  for (const action of entry.actions) {
    if (!('txn' in action)) continue
    const { appId, version } = action.txn
    expect(action.txn.lastUpdated).toBeUndefined()
    expect(version, appId).toBeGreaterThanOrEqual(txns.get(appId) ?? 0)
    if (appId.startsWith('silt-first:')) {
      expect(txns.has(appId), 'first is never changed').toBe(false)
      covered.set(appId.replace('silt-first:', 'silt:'), version)
    }
    txns.set(appId, version)
  }
}

function takeFiles(entry: LogEntry, record: CommitRecord | undefined, files: Set<string>): void {
  const units = new Set(record?.units.map((unit) => unit.unitId))
  for (const action of entry.actions) {
    if (!('add' in action) || record === undefined) continue
    expect(files.has(action.add.path), action.add.path).toBe(false)
    files.add(action.add.path)
    const tags = parseUnitTags(action.add.tags)
    expect(units.delete(tags?.unitId ?? ''), 'one file a unit here').toBe(true)
  }
  expect(units.size, 'units without a file').toBe(0)
}

function partitionTxns(txns: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...txns].filter(([appId]) => parsePartitionAppId(appId)?.counter === 'silt'))
}

async function auditDeadLetters(
  store: ObjectStore,
  mainId: string,
  records: ReadonlyMap<number, readonly object[]>,
): Promise<void> {
  let applied = -1
  for (const entry of (await logOf(store)).slice(1)) {
    const txn = entry.actions.flatMap((each) => ('txn' in each ? [each.txn] : []))
    expect(txn.map((each) => each.appId)).toEqual([deadLetterAppliedAppId(mainId)])
    const version = txn[0]?.version ?? -1
    expect(version).toBeGreaterThan(applied)
    applied = version
    expect(entry.actions.flatMap((each) => ('add' in each ? [withoutName(each.add)] : []))).toEqual(
      records.get(version),
    )
  }
  const versions = [...records.keys()]
  const appliedCount = (await logOf(store)).length - 1
  expect(appliedCount, 'only the newest record may be pending').toBeGreaterThanOrEqual(versions.length - 1)
  expect(appliedCount).toBeLessThanOrEqual(versions.length)
}

/** A file that waited long is committed as a copy. */
function withoutName({ path: _path, modificationTime: _time, ...rest }: AddFile): object {
  return rest
}

function idOf(entries: readonly LogEntry[]): string {
  for (const action of entries[0]?.actions ?? []) if ('metaData' in action) return action.metaData.id
  throw new Error('no metaData')
}
