import { unitId, type CommitJob, type CountedRange, type StartCommitJob, type UnitCommitJob } from '@silt/contracts'
import { field, struct, type AddFile, type StructType } from '@silt/core'
import type { CommitBounds, GlueFault, RecordPlace, SchemaName } from './bounds.ts'

export const topic = 'events'
export const tableId = 'table'

/** Longer than any uncommitted file may be relied on (I10a) and any proof of a base holds (I8a). */
export const hourMs = 2 * 3_600_000
/** Moment 0 of the model: the store's clock is far from 1970. */
export const beginMs = 100 * hourMs

const plain = [field('_offset', 'long'), field('name', 'string')]

export const schemas: Readonly<Record<SchemaName, StructType>> = {
  plain: struct(plain),
  number: struct([...plain, field('more', 'long')]),
  text: struct([...plain, field('more', 'string')]),
}

/** What is in a file: the truth that properties are checked against, kept apart from everything the product says of the file. */
export interface FileContent {
  /** Indexes of `recordIndex`. */
  readonly records: readonly number[]
  readonly schema: StructType
}

/** Every commit job that may ever arrive, in whatever order and however often. */
export interface JobUniverse {
  /** As put in hour 0; `inHour` dates them otherwise. */
  readonly units: readonly UnitCommitJob[]
  readonly starts: readonly StartCommitJob[]
  /** By path, for both tables. */
  readonly files: ReadonlyMap<string, FileContent>
  readonly recordCount: number
}

/** The number of a record among all there are, under every topic id. */
export function recordIndex(bounds: CommitBounds, topicId: string, [partition, offset]: RecordPlace): number {
  const each = bounds.records.reduce((sum, count) => sum + count, 0)
  const before = bounds.records.slice(0, partition).reduce((sum, count) => sum + count, 0)
  return bounds.topicIds.indexOf(topicId) * each + before + offset
}

/**
 * Stands for any ingestor, any writer and any queue: each range anybody might cut, alone and shared, each way its records might be classified, under
 * each schema it might be written with. A unit is read from the topic that its id names, unless the writer's check is the fault (I13).
 */
export function jobUniverse(bounds: CommitBounds, faults: ReadonlySet<GlueFault>): JobUniverse {
  const units: UnitCommitJob[] = []
  const files = new Map<string, FileContent>()
  const contents = faults.has('topic-unchecked-by-writer') ? bounds.topicIds : undefined
  for (const topicId of bounds.topicIds)
    for (const ranges of rangeSets(bounds))
      for (const dead of classifications(bounds, ranges))
        for (const schema of bounds.schemas)
          for (const readFrom of contents ?? [topicId])
            units.push(unit({ bounds, topicId, ranges, dead, schema, readFrom, run: units.length }, files))
  const starts = bounds.begun ? [] : bounds.topicIds.flatMap((topicId) => startJobs(bounds, topicId))
  const recordCount = bounds.topicIds.length * bounds.records.reduce((sum, count) => sum + count, 0)
  return { units, starts, files, recordCount }
}

/** The same job, its files put in that hour. */
export function inHour(job: UnitCommitJob, hour: number): UnitCommitJob {
  return { ...job, putAt: beginMs + hour * hourMs }
}

export function hourOf(job: UnitCommitJob): number {
  return Math.floor((job.putAt - beginMs) / hourMs)
}

export function jobText(job: CommitJob): string {
  if (job.kind === 'start') return `start p${job.partition} at ${job.offset}`
  const ranges = job.ranges.map((each) => `p${each.partition}[${each.start},${each.endExclusive})`).join('+')
  const dead = job.deadLetterAdds.length > 0 ? ' with dead letters' : ''
  const schema = job.schema.fields.length > plain.length ? ` ${JSON.stringify(job.schema.fields.at(-1)?.type)}` : ''
  return `${ranges}${dead}${schema}`
}

interface UnitSpec {
  readonly bounds: CommitBounds
  readonly topicId: string
  readonly ranges: readonly Range[]
  readonly dead: readonly RecordPlace[]
  readonly schema: SchemaName
  readonly readFrom: string
  readonly run: number
}

interface Range {
  readonly partition: number
  readonly start: number
  readonly endExclusive: number
}

function unit(spec: UnitSpec, files: Map<string, FileContent>): UnitCommitJob {
  const { bounds, topicId, dead, readFrom } = spec
  const isDead = (partition: number, offset: number): boolean => dead.some(([p, o]) => p === partition && o === offset)
  const rows: number[] = []
  const letters: number[] = []
  const ranges = spec.ranges.map((range): CountedRange => {
    const offsets = Array.from({ length: range.endExclusive - range.start }, (_, index) => range.start + index)
    for (const offset of offsets)
      (isDead(range.partition, offset) ? letters : rows).push(recordIndex(bounds, readFrom, [range.partition, offset]))
    const deadLetters = offsets.filter((offset) => isDead(range.partition, offset)).length
    return { ...range, restart: 0, read: offsets.length, rows: offsets.length - deadLetters, deadLetters, gaps: 0 }
  })
  const schema = schemas[spec.schema]
  const add = (suffix: string, records: readonly number[]): AddFile[] => {
    if (records.length === 0) return []
    const path = `part-${spec.run}${suffix}.zstd.parquet`
    files.set(path, { records, schema })
    return [{ path, partitionValues: {}, size: 1, modificationTime: beginMs, dataChange: true }]
  }
  return {
    v: 1,
    kind: 'unit',
    tableId,
    topic,
    topicId,
    unitId: unitId(topicId, ranges),
    ranges,
    full: false,
    cutAtMs: beginMs,
    schema,
    adds: add('', rows),
    deadLetterAdds: add('-dead', letters),
    putAt: beginMs,
  }
}

function startJobs(bounds: CommitBounds, topicId: string): readonly StartCommitJob[] {
  return bounds.records.flatMap((_, partition) =>
    [0, 1].map((offset) => ({
      v: 1,
      kind: 'start' as const,
      tableId,
      topic,
      topicId,
      partition,
      offset,
      first: offset,
    })),
  )
}

/** Ranges of one partition, and of several where the bounds share units. */
function rangeSets(bounds: CommitBounds): readonly (readonly Range[])[] {
  const perPartition = bounds.records.map((count, partition) => {
    const found: Range[] = []
    for (let start = 0; start < count; start++)
      for (let endExclusive = start + 1; endExclusive <= count; endExclusive++)
        found.push({ partition, start, endExclusive })
    return found
  })
  const alone = perPartition.flat().map((range) => [range])
  const [first = [], second = []] = perPartition
  const shared = bounds.shared ? first.flatMap((left) => second.map((right) => [left, right])) : []
  return [...alone, ...shared]
}

/** Each way one run may tell dead letters from rows. */
function classifications(bounds: CommitBounds, ranges: readonly Range[]): readonly (readonly RecordPlace[])[] {
  const unclear = bounds.unclear.filter(([partition, offset]) =>
    ranges.some((range) => range.partition === partition && range.start <= offset && offset < range.endExclusive),
  )
  return unclear.reduce<readonly (readonly RecordPlace[])[]>(
    (ways, place) => [...ways, ...ways.map((way) => [...way, place])],
    [[]],
  )
}
