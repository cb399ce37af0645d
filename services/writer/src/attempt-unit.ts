import type { WriteJob } from '@silt/contracts'
import { asSiltError, isSiltError, type EncodedUnit, type EncodeSession, type SiltError } from '@silt/core'
import type { TableState } from '@silt/delta'
import { readUnit, type UnitReading } from './read-unit.ts'
import { UnitTrail } from './unit-trail.ts'
import type { UnitLaps } from './trace-unit.ts'
import type { WriterDeps } from './writer-options.ts'
import type { WriteUnitContext } from './write-unit-context.ts'

/** One run of a unit through a decoder: what became of it, or that the decoder died, over what. */
export type Attempt =
  | { readonly kind: 'encoded'; readonly unit: EncodedUnit; readonly reading: UnitReading; readonly trail: UnitTrail }
  | { readonly kind: 'crashed'; readonly error: SiltError; readonly trail: UnitTrail }

export interface AttemptHow {
  /** In a process of its own, where the writer has one for it. */
  readonly apart: boolean
  /** Undecoded, every record a dead letter `crashes-decoder` with this detail. */
  readonly condemn?: string
}

/** Fetches, decodes and encodes. Throws what `readUnit` and the encoder throw, but `encoder/crashed`. */
export async function attemptUnit(
  context: WriteUnitContext,
  job: WriteJob,
  state: TableState,
  how: AttemptHow,
  laps: UnitLaps,
  signal: AbortSignal,
): Promise<Attempt> {
  const { deps, options } = context
  const trail = new UnitTrail()
  const share = context.budget.open()
  let session: EncodeSession | undefined
  try {
    session = await encoderFor(deps, how.apart).open(encodeSpec(context, job, state))
    const reader = { source: deps.source, session: trail.following(taking(session, how)), share }
    const startMs = deps.clock.monotonicMs()
    const reading = await readUnit({ ...reader, unitBytesMax: options.unitBytesMax }, job, signal)
    if (reading.ranges.length === 0) throw asSiltError(reading.failure ?? `no range of unit ${job.unitId} was begun`)
    const readMs = deps.clock.monotonicMs()
    laps.read = Math.round(readMs - startMs)
    const unit = await session.finish(reading.ranges)
    laps.encode = Math.round(deps.clock.monotonicMs() - readMs)
    return { kind: 'encoded', unit, reading, trail }
  } catch (error) {
    if (isSiltError(error, 'encoder/crashed')) return { kind: 'crashed', error, trail }
    throw error
  } finally {
    session?.abandon()
    share.release()
  }
}

export function encoderFor(deps: WriterDeps, apart: boolean): WriterDeps['encoder'] {
  return apart ? (deps.encoderApart ?? deps.encoder) : deps.encoder
}

export function encodeSpec(
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

function taking(session: EncodeSession, { condemn }: AttemptHow): EncodeSession {
  if (condemn === undefined) return session
  return {
    push: async (slab) => {
      await session.condemn(slab, condemn)
      return 'more'
    },
    condemn: (slab, detail) => session.condemn(slab, detail),
    finish: (ranges) => session.finish(ranges),
    abandon: () => session.abandon(),
  }
}
