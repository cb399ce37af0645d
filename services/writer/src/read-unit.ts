import type { WriteJob } from '@silt/contracts'
import { shouldRetry, SiltError, type EncodeSession, type OffsetRange, type RecordSlab, type Source } from '@silt/core'
import { RangesAhead } from './ranges-ahead.ts'

export interface UnitReading {
  /** What was pushed, in the order read; ranges of which nothing was read are left out. */
  readonly ranges: readonly OffsetRange[]
  readonly bytes: number
  /** The source's own check after the last slab did not run, or told nothing, for some range: it was not read through, or the source was away. */
  readonly isUnchecked: boolean
  /** Why a range was not read to its end, where the source was away. */
  readonly failure: unknown
}

/** Ranges that may fail before the others are no longer tried: each can cost the source's whole retry budget. */
const failuresMax = 2

/**
 * Reads a unit's ranges into the session, stopping where it is full: at `unitBytesMax` decoded bytes (at least one slab is taken) or where the
 * encoder says so. A partition that is away does not take the others with it: its range ends where reading failed.
 * Throws what waiting cannot mend (`source/out-of-range`, `source/topic-changed`, `source/corrupt`), and the encoder's errors.
 */
export async function readUnit(
  deps: {
    readonly source: Pick<Source, 'read'>
    readonly session: Pick<EncodeSession, 'push'>
    readonly unitBytesMax: number
  },
  job: WriteJob,
  signal: AbortSignal,
): Promise<UnitReading> {
  const ranges: OffsetRange[] = []
  const failures: unknown[] = []
  const unit = { bytes: 0, isFull: false }
  const slabs = new RangesAhead(deps.source, job, signal)
  let readThrough = 0
  try {
    for (const [index, { partition, start }] of job.ranges.entries()) {
      if (unit.isFull || failures.length >= failuresMax) break
      const reading = await readRange(deps, () => slabs.next(index), start, unit, signal)
      if (reading.failure !== undefined) failures.push(reading.failure)
      if (reading.isThrough) readThrough++
      if (reading.end > start) ranges.push({ partition, start, endExclusive: reading.end })
    }
  } finally {
    await slabs.close()
  }
  const isUnchecked = readThrough < job.ranges.length
  return Object.freeze({ ranges, bytes: unit.bytes, isUnchecked, failure: failures[0] })
}

/**
 * Checks, after reading, that the log read is still the one the job names (I13). For ranges not read through, after which the source checks
 * itself. Throws `source/topic-changed` (data).
 */
export async function requireSameTopic(source: Source, job: WriteJob, ranges: readonly OffsetRange[]): Promise<void> {
  if (job.topicId === null) return
  const found = await source.partitions(job.topic)
  for (const { partition } of ranges) {
    const topicId = found?.find((each) => each.partition === partition)?.topicId
    if (topicId === job.topicId) continue
    const message = `topic "${job.topic}" partition ${partition} is another log now: its topic id is ${topicId ?? 'absent'}, not ${job.topicId}`
    throw new SiltError('data', 'source/topic-changed', message, { context: { topic: job.topic, partition } })
  }
}

async function readRange(
  deps: Parameters<typeof readUnit>[0],
  next: () => Promise<RecordSlab | undefined>,
  start: number,
  unit: { bytes: number; isFull: boolean },
  signal: AbortSignal,
): Promise<{ readonly end: number; readonly isThrough: boolean; readonly failure: unknown }> {
  let end = start
  try {
    for (;;) {
      const slab = await nextSlab(next)
      if (slab === undefined) return { end, isThrough: true, failure: undefined }
      const slabBytes = slab.sizeBytes
      unit.isFull = unit.bytes > 0 && unit.bytes + slabBytes > deps.unitBytesMax
      if (unit.isFull) break
      signal.throwIfAborted()
      const { nextOffset } = slab
      unit.isFull = (await deps.session.push(slab)) === 'full'
      unit.bytes += slabBytes
      end = nextOffset
      if (unit.isFull) break
    }
  } catch (error) {
    if (!(error instanceof SourceAway)) throw error
    // Whoever ended the unit may have ended its reading by an error like any other.
    signal.throwIfAborted()
    return { end, isThrough: false, failure: error.reason }
  }
  return { end, isThrough: false, failure: undefined }
}

/** The source being away, told apart from the encoder being so. */
class SourceAway extends Error {
  readonly reason: unknown

  constructor(reason: unknown) {
    super('the source is away')
    this.reason = reason
  }
}

async function nextSlab(next: () => Promise<RecordSlab | undefined>): Promise<RecordSlab | undefined> {
  try {
    return await next()
  } catch (error) {
    throw shouldRetry(error) ? new SourceAway(error) : error
  }
}
