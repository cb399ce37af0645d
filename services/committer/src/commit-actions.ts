import {
  deadLetterPointerAppId,
  encodeCommitRecord,
  partitionAppId,
  unitTags,
  type CommitRecord,
  type PartitionKey,
  type UnitCommitJob,
} from '@silt/contracts'
import { assert, type AddFile } from '@silt/core'
import { commitInfo, completeCommit, schemaToString, type Action, type TableState } from '@silt/delta'
import type { CommitGroup } from './group-commit.ts'

/** As `commitInfo.engineInfo` names the writer. */
export const engineInfo = 'silt/0.1.0'

export interface CommitStamp {
  /** Fresh for every body (I6). */
  readonly token: string
  readonly wallMs: number
}

/**
 * The whole body of `state.version + 1`: provenance with the record of units and dead-letter files (I5), at most one `metaData`,
 * the `txn`s and the `add`s of all units, together (I4), and what the table's features ask of every commit. Rebuilt from the newest state for every attempt (I7).
 */
export function commitActions(state: TableState, group: CommitGroup, stamp: CommitStamp): readonly Action[] {
  const version = state.version + 1
  const jobs = group.units.map((unit) => unit.job)
  const deadLetters = jobs.flatMap((job) => job.deadLetterAdds.map((add) => tagged(add, job)))
  const adds = jobs.flatMap((job) => job.adds.map((add) => tagged(add, job)))
  const schemaGrew = group.schema !== state.schema
  const record: CommitRecord = {
    v: 1,
    units: jobs.map(({ unitId, topic, topicId, ranges }) => ({ unitId, topic, topicId, ranges })),
    deadLetters,
    decisions: [],
  }
  const metaData = { ...state.metadata, schemaString: schemaToString(group.schema) }
  const actions = [
    commitInfo({
      timestampMs: stamp.wallMs,
      operation: 'STREAMING UPDATE',
      operationParameters: { outputMode: 'Append' },
      engineInfo,
      token: stamp.token,
      isBlindAppend: !schemaGrew,
      silt: encodeCommitRecord(record),
    }),
    ...(schemaGrew ? [{ metaData }] : []),
    ...txnActions(state, group, deadLetters.length > 0 ? version : undefined),
    ...adds.map((add) => ({ add })),
  ]
  return completeCommit(state, actions, stamp.wallMs)
}

/** Without `lastUpdated`, and never decreasing (I8). */
function txnActions(state: TableState, group: CommitGroup, deadLetterVersion: number | undefined): readonly Action[] {
  const next = new Map<string, number>()
  const current = (appId: string): number | undefined => next.get(appId) ?? state.txns.get(appId)
  for (const { job } of group.starts) {
    const key: PartitionKey = { topic: job.topic, topicId: job.topicId, partition: job.partition, restart: 0 }
    assert(current(partitionAppId('silt', key)) === undefined, `partition ${job.partition} begins twice`)
    next.set(partitionAppId('silt', key), job.offset)
    next.set(partitionAppId('silt-first', key), job.first)
  }
  for (const { job } of group.units)
    for (const { partition, restart, start, endExclusive, gaps } of job.ranges) {
      const key: PartitionKey = { topic: job.topic, topicId: job.topicId, partition, restart }
      assert(current(partitionAppId('silt', key)) === start, `a range of partition ${partition} does not start at txn`)
      next.set(partitionAppId('silt', key), endExclusive)
      const gapsId = partitionAppId('silt-gaps', key)
      if (gaps > 0) next.set(gapsId, (current(gapsId) ?? 0) + gaps)
    }
  if (deadLetterVersion !== undefined) next.set(deadLetterPointerAppId, deadLetterVersion)
  return [...next].map(([appId, version]) => {
    assert(version >= (state.txns.get(appId) ?? 0), `txn ${appId} would decrease`)
    return { txn: { appId, version } }
  })
}

/** The tags are made from the job, so that what the audit reads is what the ledger took. */
function tagged(add: AddFile, job: UnitCommitJob): AddFile {
  return { ...add, tags: { ...add.tags, ...unitTags(job) } }
}
