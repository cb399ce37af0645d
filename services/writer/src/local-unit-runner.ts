import { asSiltError, type Clock, type EncodeSession, type Source, type UnitEncoder } from '@silt/core'
import type { ByteBudget } from './byte-budget.ts'
import { readUnit } from './read-unit.ts'
import type { RanUnit, UnitListener, UnitOrder, UnitRunner } from './unit-runner.ts'
import { slabMark } from './unit-trail.ts'

export interface LocalUnitRunnerOptions {
  readonly source: Pick<Source, 'read'>
  /** What decodes may run elsewhere. */
  readonly encoder: UnitEncoder
  /** Of all runners that hold records at the same time. */
  readonly budget: ByteBudget
  readonly clock: Clock
}

/** Reads by the calling thread's source and hands the slabs to an encoder. */
export class LocalUnitRunner implements UnitRunner {
  readonly #options: LocalUnitRunnerOptions

  constructor(options: LocalUnitRunnerOptions) {
    this.#options = options
  }

  async run(order: UnitOrder, hear: UnitListener, signal: AbortSignal): Promise<RanUnit> {
    const { source, encoder, budget, clock } = this.#options
    const { job, spec, unitBytesMax } = order
    const share = budget.open()
    let session: EncodeSession | undefined
    try {
      session = await encoder.open(spec)
      const startMs = clock.monotonicMs()
      const reader = { source, session: heard(session, order, hear), share, unitBytesMax }
      const reading = await readUnit(reader, job, signal)
      if (reading.ranges.length === 0) throw asSiltError(reading.failure ?? `no range of unit ${job.unitId} was begun`)
      const readMs = clock.monotonicMs()
      const unit = await session.finish(reading.ranges)
      return { unit, reading, readMs: readMs - startMs, encodeMs: clock.monotonicMs() - readMs }
    } finally {
      session?.abandon()
      share.release()
    }
  }
}

/** The session as a unit is read into it: each slab told of first, and condemned where the order says so. */
function heard(session: EncodeSession, { condemn }: UnitOrder, hear: UnitListener): Pick<EncodeSession, 'push'> {
  return {
    push: async (slab) => {
      hear.onSlab(slabMark(slab))
      if (condemn === undefined) return session.push(slab)
      await session.condemn(slab, condemn)
      return 'more'
    },
  }
}
