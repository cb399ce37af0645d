import type { WriteJob, WriteResult } from '@silt/contracts'
import { isSiltError, SiltError, type Log } from '@silt/core'
import type { TableState } from '@silt/delta'
import { attemptUnit, encodeSpec, type Attempt } from './attempt-unit.ts'
import { soundRecord } from './sound-record.ts'
import type { UnitLaps } from './trace-unit.ts'
import { unreadRanges } from './unit-trail.ts'
import type { WriteUnitContext } from './write-unit-context.ts'

/** Deaths in a row of processes that decoded this one record and nothing beside it, after which it is a dead letter. */
const crashesToCondemn = 3
/** Consumers that went silent over a job, after which it is halved unseen: it may kill whole writers. */
const stallsToHalve = 3

type Encoded = Extract<Attempt, { kind: 'encoded' }>
type Died = Extract<WriteResult, { outcome: 'decoder-died' }>

/**
 * Runs a unit through a decoder, and finds out what is to be done should the decoder die (L1a):
 *
 * 1. A unit of several records, or not read to its end, is answered `decoder-died`: the ingestor cuts it smaller.
 * 2. A unit of one record is decoded again and again, after growing pauses (`CrashPauses`), each time in a process of its own. Should
 *    `crashesToCondemn` of them die in a row, and a sound record be decoded after each death, the record is taken undecoded, as a dead letter.
 *    All evidence is seen by this one call: what another process, a queue or a time-out tells condemns nothing.
 * 3. A job over which consumers went silent may have killed their processes: it is decoded apart, and after `stallsToHalve` of them halved unseen.
 */
export async function decodeUnit(
  context: WriteUnitContext,
  job: WriteJob,
  state: TableState,
  stalls: number,
  laps: UnitLaps,
  signal: AbortSignal,
): Promise<Encoded | Died> {
  if (stalls >= stallsToHalve && offsetCount(job) > 1) {
    tellDeath(context, job, `${stalls} writers went silent over it`)
    return Object.freeze({ outcome: 'decoder-died', ranges: unreadRanges(job) })
  }
  const apart = job.apart === true || stalls > 0
  const attempt = (how: { apart: boolean; condemn?: string }): Promise<Attempt> =>
    attemptUnit(context, job, state, how, laps, signal)
  let last = await attempt({ apart })
  for (let crashes = apart ? 1 : 0; last.kind === 'crashed'; crashes++) {
    signal.throwIfAborted()
    tellDeath(context, job, last.error.message)
    if (last.trail.recordCount !== 1 || !last.trail.isWhole(job)) {
      const given = last.trail.deadlyRanges(job)
      // A thread may die while it reads: then nothing is known of the records.
      return Object.freeze({ outcome: 'decoder-died', ranges: given.length > 0 ? given : unreadRanges(job) })
    }
    await proveSound(context, job, state)
    if (crashes >= crashesToCondemn) return condemn(context, job, last, attempt)
    await context.pauses.wait(crashes, placed(context, job, last), signal)
    last = await attempt({ apart: true })
  }
  return last
}

/** The log, with where the record is. */
function placed({ deps }: WriteUnitContext, job: WriteJob, { trail }: Attempt): Log {
  return deps.log.child({ topic: job.topic, ...trail.firstRecord, unit: job.unitId })
}

async function condemn(
  context: WriteUnitContext,
  job: WriteJob,
  crashed: Extract<Attempt, { kind: 'crashed' }>,
  attempt: (how: { apart: boolean; condemn?: string }) => Promise<Attempt>,
): Promise<Encoded> {
  const detail = `the decoder died over it ${crashesToCondemn} times in a row: ${crashed.error.message}`
  const condemned = await attempt({ apart: true, condemn: detail })
  const record = crashed.trail.firstRecord
  if (condemned.kind === 'crashed') throw condemned.error
  if (condemned.trail.recordCount !== 1 || condemned.trail.firstRecord?.offset !== record?.offset)
    throw new SiltError(
      'unavailable',
      'writer/record-moved',
      `unit ${job.unitId} holds other records than a moment ago`,
    )
  context.metrics.recordCondemned()
  const place = { topic: job.topic, ...record, unit: job.unitId }
  context.deps.log.warn({ ...place, code: 'rows/crashes-decoder' }, `a record becomes a dead letter: ${detail}`)
  return condemned
}

/** That decoders die says something of a record only where others live. Throws `encoder/unsound` (unavailable). */
async function proveSound(context: WriteUnitContext, job: WriteJob, state: TableState): Promise<void> {
  const session = await context.deps.encoderApart.open(encodeSpec(context, job, state))
  try {
    await session.push(soundRecord(job.cutAtMs))
    await session.finish([{ partition: 0, start: 0, endExclusive: 1 }])
  } catch (error) {
    if (!isSiltError(error, 'encoder/crashed')) throw error
    throw new SiltError(
      'unavailable',
      'encoder/unsound',
      `the decoder dies over a record that is sound, so it is not the record at fault: ${error.message}. Look for what ends processes ` +
        'here (too little memory for the writer, a limit on processes) or go back to the last build',
      { cause: error },
    )
  } finally {
    session.abandon()
  }
}

function tellDeath({ deps, metrics }: WriteUnitContext, job: WriteJob, how: string): void {
  metrics.decoderDied()
  deps.log.warn({ topic: job.topic, unit: job.unitId, code: 'encoder/crashed' }, `a decoder died: ${how}`)
}

function offsetCount(job: WriteJob): number {
  return job.ranges.reduce((sum, { start, endExclusive }) => sum + endExclusive - start, 0)
}
