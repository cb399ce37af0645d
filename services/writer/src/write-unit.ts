import {
  encodeCommitJob,
  unitTags,
  type CountedRange,
  type UnitCommitJob,
  type WriteJob,
  type WriteResult,
} from '@silt/contracts'
import { asSiltError, assert, isSiltError, type EncodedUnit, type EncodeSession, type JobQueue } from '@silt/core'
import type { TableState } from '@silt/delta'
import type { BudgetShare, ByteBudget } from './byte-budget.ts'
import { refusal } from './judge-job.ts'
import { putFiles } from './put-files.ts'
import type { UnitLaps } from './trace-unit.ts'
import { readUnit, requireSameTopic } from './read-unit.ts'
import type { WriterMetrics } from './writer-metrics.ts'
import type { WriterDeps, WriterOptions } from './writer-options.ts'

/**
 * Codes of the source that the ingestor must look into before the ranges are planned again, each partition's alone: put back into the queue, one
 * partition that cannot be read would keep the others of a shared unit.
 */
const refusedCodes = new Set(['source/out-of-range', 'source/topic-changed', 'source/corrupt', 'source/unsupported'])

export interface WriteUnitContext {
  readonly deps: WriterDeps
  readonly options: WriterOptions
  readonly budget: ByteBudget
  readonly metrics: WriterMetrics
  /** Commit queue of the job's version. */
  readonly commitQueue: JobQueue
}

/**
 * Fetches, encodes, puts, publishes; `state` is the log as just read. Nothing it does needs undoing: a death before the commit job leaves files
 * nobody refers to, one after it a commit job that stands for itself, and the job, delivered again, makes other files of which one set is taken.
 *
 * Throws where trying the same again may help: source or store away, `encoder/died`.
 */
export async function writeUnit(
  context: WriteUnitContext,
  job: WriteJob,
  state: TableState,
  laps: UnitLaps,
  signal: AbortSignal,
): Promise<WriteResult> {
  const share = context.budget.open()
  let session: EncodeSession | undefined
  try {
    session = await context.deps.encoder.open(encodeSpec(context, job, state))
    return await encodeAndPublish(context, job, session, share, laps, signal)
  } catch (error) {
    if (isSiltError(error) && refusedCodes.has(error.code)) return refusal(error.code, error.message)
    throw error
  } finally {
    session?.abandon()
    share.release()
  }
}

async function encodeAndPublish(
  context: WriteUnitContext,
  job: WriteJob,
  session: EncodeSession,
  share: BudgetShare,
  laps: UnitLaps,
  signal: AbortSignal,
): Promise<WriteResult> {
  const { deps, options, metrics } = context
  const lap = lapsOf(deps.clock)
  const reading = await readUnit(
    { source: deps.source, session, share, unitBytesMax: options.unitBytesMax },
    job,
    signal,
  )
  if (reading.ranges.length === 0) throw asSiltError(reading.failure ?? `no range of unit ${job.unitId} was begun`)
  const readMs = (laps.read = lap())
  const unit = await session.finish(reading.ranges)
  const encodeMs = (laps.encode = lap())
  const ranges = countedRanges(job, unit)
  if (reading.isShort || ranges.length < job.ranges.length) await requireSameTopic(deps.source, job, ranges)
  const commit = await put(context, job, unit, ranges)
  signal.throwIfAborted()
  const putMs = (laps.put = lap())
  await context.commitQueue.add({ id: job.unitId, data: encodeCommitJob(commit) })
  const publishMs = (laps.publish = lap())
  deps.log.debug({ unit: job.unitId, readMs, encodeMs, putMs, publishMs }, 'unit published')
  metrics.unitWritten(ranges, reading.bytes)
  if (reading.failure !== undefined) metrics.error(reading.failure)
  return {
    outcome: 'written',
    ranges: ranges.map(({ partition, start, endExclusive, read }) => ({ partition, start, endExclusive, read })),
    bytes: reading.bytes,
  }
}

/** Whole ms since the last call. */
function lapsOf(clock: WriterDeps['clock']): () => number {
  let lastMs = clock.monotonicMs()
  return () => {
    const sinceMs = lastMs
    lastMs = clock.monotonicMs()
    return Math.round(lastMs - sinceMs)
  }
}

/** A unit without rows has no file, yet a commit job: its progress and gaps count. */
async function put(
  { deps, metrics }: WriteUnitContext,
  job: WriteJob,
  unit: EncodedUnit,
  ranges: readonly CountedRange[],
): Promise<UnitCommitJob> {
  const { v, tableId, topic, topicId, unitId, full, cutAtMs } = job
  const tagged = { unitId, tags: unitTags({ unitId, topic, topicId, ranges }) }
  const putDeps = {
    clock: deps.clock,
    random: deps.random,
    onPut: (bytes: number, ms: number) => metrics.filePut(bytes, ms),
  }
  const data = await putFiles(putDeps, deps.store, unit.files, tagged)
  const dead = await putFiles(putDeps, deps.deadLetterStore, unit.deadLetterFiles, tagged)
  const putAt = data.putAt ?? dead.putAt ?? deps.store.newestAnswerMs() ?? deps.clock.nowMs()
  return {
    v,
    kind: 'unit',
    tableId,
    topic,
    topicId,
    unitId,
    ranges,
    full,
    cutAtMs,
    schema: unit.schema,
    adds: data.adds,
    deadLetterAdds: dead.adds,
    putAt: Math.floor(putAt),
  }
}

/** As encoded: where the unit became full a range ends early, and ranges of which nothing was taken are not in it. */
function countedRanges(job: WriteJob, unit: EncodedUnit): readonly CountedRange[] {
  const ranges = unit.counts
    .filter((counts) => counts.endExclusive > counts.start)
    .map((counts) => {
      const asked = job.ranges.find((range) => range.partition === counts.partition)
      assert(asked !== undefined && asked.start === counts.start, 'a written range was asked for')
      return Object.freeze({ ...counts, restart: asked.restart })
    })
  assert(ranges.length > 0, 'a unit takes at least one record')
  return ranges
}

function encodeSpec(
  { deps, options }: WriteUnitContext,
  job: WriteJob,
  state: TableState,
): Parameters<WriterDeps['encoder']['open']>[0] {
  return {
    topic: job.topic,
    topicId: job.topicId,
    cutAtMs: job.cutAtMs,
    failedAtMs: deps.clock.nowMs(),
    schema: state.schema,
    partitionColumns: state.metadata.partitionColumns,
    evolution: options.schemaEvolution,
    columnsMax: options.columnsMax,
    recordBytesMax: options.recordBytesMax,
  }
}
