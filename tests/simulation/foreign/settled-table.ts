import {
  encodeCommitRecord,
  eventTableSchema,
  formatProperty,
  formatVersion,
  partitionAppId,
  partitionProgress,
  unitId,
  unitTags,
  type CommitRecord,
} from '@silt/contracts'
import { struct, type Clock, type ObjectStore, type ParquetReader, type ParquetWriter } from '@silt/core'
import { commitEntry, commitInfo, loadSnapshot, loadState, newTableActions, type Action } from '@silt/delta'

export const topic = 'events'
export const topicId = 'topic-1'

export interface SettledTableDeps {
  readonly store: ObjectStore
  readonly parquetReader: ParquetReader
  readonly parquetWriter: ParquetWriter
  readonly clock: Clock
}

/** A table as Silt leaves it, made without actors: provenance, tags, progress and records are there, so that the audit can prove it. */
export class SettledTable {
  readonly #deps: SettledTableDeps
  #commits = 0

  constructor(deps: SettledTableDeps) {
    this.#deps = deps
  }

  /** Version 0, and a version 1 in which every partition begins at offset 0. */
  async make(partitions: readonly number[], partitionColumns: readonly string[] = []): Promise<void> {
    const configuration = { [formatProperty]: formatVersion }
    const schema = struct(eventTableSchema.fields)
    await this.commit(newTableActions({ id: 'table', schema, partitionColumns, configuration, createdMs: 1 }))
    const starts = partitions.flatMap((partition) => [
      this.#txn('silt', partition, 0),
      this.#txn('silt-first', partition, 0),
    ])
    await this.commit(starts, { units: [] })
  }

  /** One unit of one range, from the partition's `txn` on; answers its file's key. */
  async settle(partition: number, count: number): Promise<string> {
    const { store, clock } = this.#deps
    const { txns } = await loadSnapshot(store, this.#deps.parquetReader)
    const start = partitionProgress(txns, topic, topicId, partition)?.next ?? 0
    const endExclusive = start + count
    const range = { partition, start, endExclusive, restart: 0, read: count, rows: count, deadLetters: 0, gaps: 0 }
    const unit = { unitId: unitId(topicId, [range]), topic, topicId, ranges: [range] }
    const rows = Array.from({ length: count }, (_, index) => ({
      channel: 'web',
      session_id: `s-${partition}-${start + index}`,
      _topic: topic,
      _topic_id: topicId,
      _partition: partition,
      _offset: BigInt(start + index),
    }))
    const bytes = this.#deps.parquetWriter.encodeRows(eventTableSchema, rows)
    const path = `part-${unit.unitId}-${this.#commits}.zstd.parquet`
    await store.put(path, bytes)
    const add = {
      path,
      partitionValues: {},
      size: bytes.byteLength,
      modificationTime: clock.nowMs(),
      dataChange: true,
      stats: JSON.stringify({ numRecords: count }),
      tags: unitTags(unit),
    }
    await this.commit([this.#txn('silt', partition, endExclusive), { add }], { units: [unit] })
    return path
  }

  /** `record`: as Silt's own; else another engine's. */
  async commit(
    actions: readonly Action[],
    record?: Partial<CommitRecord>,
    operation = 'STREAMING UPDATE',
  ): Promise<void> {
    const { store, clock, parquetReader } = this.#deps
    const version = ((await loadState(store, parquetReader))?.version ?? -1) + 1
    const token = `settled-${this.#commits++}`
    const silt =
      record === undefined
        ? {}
        : { silt: encodeCommitRecord({ v: 1, units: [], deadLetters: [], decisions: [], ...record }) }
    const info = commitInfo({ timestampMs: clock.nowMs(), operation, engineInfo: 'silt/0.1.0', token, ...silt })
    const outcome = await commitEntry(store, { version, actions: [info, ...actions], token, readBack: false })
    if (outcome.kind !== 'committed') throw new Error(`version ${version}: ${outcome.kind}`)
  }

  #txn(counter: 'silt' | 'silt-first', partition: number, version: number): Action {
    return { txn: { appId: partitionAppId(counter, { topic, topicId, partition, restart: 0 }), version } }
  }
}
