import {
  encodeCommitJob,
  unitTags,
  type CountedRange,
  type UnitCommitJob,
  type WriteJob,
  type WriteResult,
} from '@silt/contracts'
import { assert, isSiltError, type EncodedUnit } from '@silt/core'
import { layoutDigest, tableLayout, type TableState } from '@silt/delta'
import type { Attempt } from './attempt-unit.ts'
import { decodeUnit } from './deadly-unit.ts'
import { refusal } from './judge-job.ts'
import { putFiles } from './put-files.ts'
import type { UnitLaps } from './trace-unit.ts'
import { requireSameTopic } from './read-unit.ts'
import type { WriteUnitContext } from './write-unit-context.ts'
import type { WriterDeps } from './writer-options.ts'

/**
 * Codes of the source that the ingestor must look into before the ranges are planned again, each partition's alone: put back into the queue, one
 * partition that cannot be read would keep the others of a shared unit.
 */
const refusedCodes = new Set(['source/out-of-range', 'source/topic-changed', 'source/corrupt', 'source/unsupported'])

/**
 * Fetches, encodes, puts, publishes; `state` is the log as just read. Nothing it does needs undoing: a death before the commit job leaves files
 * nobody refers to, one after it a commit job that stands for itself, and the job, delivered again, makes other files of which one set is taken.
 *
 * A decoder that dies is no error: `decodeUnit` says what is done about it. Throws where trying the same again may help: source or store away,
 * `encoder/died`.
 */
export async function writeUnit(
  context: WriteUnitContext,
  job: WriteJob,
  state: TableState,
  stalls: number,
  laps: UnitLaps,
  signal: AbortSignal,
): Promise<WriteResult> {
  try {
    const decoded = await decodeUnit(context, job, state, stalls, laps, signal)
    return 'outcome' in decoded ? decoded : await publish(context, job, state, decoded, laps, signal)
  } catch (error) {
    if (isSiltError(error) && refusedCodes.has(error.code)) return refusal(error.code, error.message)
    throw error
  }
}

async function publish(
  context: WriteUnitContext,
  job: WriteJob,
  state: TableState,
  { unit, reading, release }: Extract<Attempt, { kind: 'encoded' }>,
  laps: UnitLaps,
  signal: AbortSignal,
): Promise<WriteResult> {
  const { deps, metrics } = context
  const lap = lapsOf(deps.clock)
  const ranges = countedRanges(job, unit)
  if (reading.isUnchecked) await requireSameTopic(deps.source, job, ranges)
  const commit = await put(context, job, state, unit, ranges)
  release?.()
  signal.throwIfAborted()
  laps.put = lap()
  await context.commitQueue.add({ id: job.unitId, data: encodeCommitJob(commit) })
  laps.publish = lap()
  const { read: readMs, encode: encodeMs, put: putMs, publish: publishMs } = laps
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
  state: TableState,
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
  const layout = layoutDigest(tableLayout(state))
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
    ...(layout === undefined ? {} : { layout }),
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
