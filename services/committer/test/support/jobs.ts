import { unitId, type CountedRange, type StartCommitJob, type UnitCommitJob } from '@silt/contracts'
import { eventTableSchema } from '@silt/contracts'
import type { AddFile, StructType } from '@silt/core'

export const topic = 'events'
export const topicId = 'topic-id'
export const startMs = 1_700_000_000_000

export interface UnitShape {
  readonly full?: boolean
  readonly deadLetters?: number
  readonly gaps?: number
  readonly schema?: StructType
  readonly topicId?: string | null
  readonly tableId?: string
  readonly putAt?: number
  readonly restart?: number
  /** Tells the files of two runs of one unit apart. */
  readonly run?: string
  readonly partitionValues?: Readonly<Record<string, string>>
}

let files = 0

/** A unit of one or several `[partition, start, endExclusive]`; dead letters and gaps are counted in the first range. */
export function unitJob(
  tableId: string,
  ranges: readonly (readonly [number, number, number])[],
  shape: UnitShape = {},
): UnitCommitJob {
  const counted = ranges.map(([partition, start, endExclusive], index): CountedRange => {
    const deadLetters = index === 0 ? (shape.deadLetters ?? 0) : 0
    const gaps = index === 0 ? (shape.gaps ?? 0) : 0
    const read = endExclusive - start - gaps
    const restart = shape.restart ?? 0
    return { partition, start, endExclusive, restart, read, rows: read - deadLetters, deadLetters, gaps }
  })
  const id = unitId(shape.topicId ?? topicId, counted)
  const run = shape.run ?? String(files++)
  const add = (name: string): AddFile => ({
    path: `part-${id}-${run}${name}.parquet`,
    partitionValues: name === '' ? (shape.partitionValues ?? {}) : {},
    size: 100,
    modificationTime: startMs,
    dataChange: true,
    stats: '{"numRecords":1}',
  })
  return {
    v: 1,
    kind: 'unit',
    tableId: shape.tableId ?? tableId,
    topic,
    topicId: shape.topicId === undefined ? topicId : shape.topicId,
    unitId: id,
    ranges: counted,
    full: shape.full ?? false,
    cutAtMs: startMs,
    schema: shape.schema ?? eventTableSchema,
    adds: [add('')],
    deadLetterAdds: (shape.deadLetters ?? 0) > 0 ? [add('-dead')] : [],
    putAt: shape.putAt ?? startMs,
  }
}

export function startJob(
  tableId: string,
  partition: number,
  offset = 0,
  ofTopicId: string | null = topicId,
): StartCommitJob {
  return { v: 1, kind: 'start', tableId, topic, topicId: ofTopicId, partition, offset, first: offset }
}
