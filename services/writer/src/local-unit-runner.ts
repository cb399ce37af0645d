import { asSiltError, type Clock, type EncodeSession, type RecordSlab, type Source, type UnitEncoder } from '@silt/core'
import { readUnit } from './read-unit.ts'
import type { RanUnit, UnitListener, UnitOrder, UnitRunner } from './unit-runner.ts'
import { slabMark } from './unit-trail.ts'

export interface LocalUnitRunnerOptions {
  readonly source: Pick<Source, 'read'>
  /** What decodes may run elsewhere. */
  readonly encoder: UnitEncoder
  readonly clock: Clock
}

/** Reads by the calling thread's source and hands the slabs to an encoder. */
export class LocalUnitRunner implements UnitRunner {
  readonly #options: LocalUnitRunnerOptions

  constructor(options: LocalUnitRunnerOptions) {
    this.#options = options
  }

  async run(order: UnitOrder, hear: UnitListener, signal: AbortSignal): Promise<RanUnit> {
    const { source, encoder, clock } = this.#options
    const { job, spec, unitBytesMax } = order
    let session: EncodeSession | undefined
    try {
      session = await encoder.open(spec)
      const startMs = clock.monotonicMs()
      const pushed = heard(session, order, hear, clock)
      const reading = await readUnit({ source, session: pushed, unitBytesMax }, job, signal)
      if (reading.ranges.length === 0) throw asSiltError(reading.failure ?? `no range of unit ${job.unitId} was begun`)
      const readAtMs = clock.monotonicMs()
      const unit = await session.finish(reading.ranges)
      const encodeMs = pushed.ms + clock.monotonicMs() - readAtMs
      return { unit, reading, readMs: readAtMs - startMs - pushed.ms, encodeMs }
    } finally {
      session?.abandon()
    }
  }
}

/** The session as a unit is read into it: each slab told of first, and condemned where the order says so. `ms`: how long it had the slabs. */
function heard(
  session: EncodeSession,
  { condemn }: UnitOrder,
  hear: UnitListener,
  clock: Clock,
): Pick<EncodeSession, 'push'> & { ms: number } {
  const pushed = {
    ms: 0,
    push: async (slab: RecordSlab): Promise<'more' | 'full'> => {
      hear.onSlab(slabMark(slab))
      const startMs = clock.monotonicMs()
      let room: 'more' | 'full' = 'more'
      if (condemn === undefined) room = await session.push(slab)
      else await session.condemn(slab, condemn)
      pushed.ms += clock.monotonicMs() - startMs
      return room
    },
  }
  return pushed
}
