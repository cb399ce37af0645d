import type { WriteJob } from '@silt/contracts'
import type { RecordSlab, Source } from '@silt/core'

/**
 * Ranges of a small unit begun before the one whose slabs are wanted: a round trip for each, one after another, would add up over partitions.
 * At most this many first slabs are held besides the one at hand.
 */
const aheadMax = 3

interface Begun {
  readonly slabs: AsyncIterator<RecordSlab>
  first: Promise<IteratorResult<RecordSlab>> | undefined
}

/** Nobody hears it: one for all, instead of one made, stack and all, at the end of each unit. */
const notWanted = new Error('the unit is read')

/** Slabs of a job's ranges, asked for range by range; of small units the next ranges are fetched meanwhile. */
export class RangesAhead {
  readonly #source: Pick<Source, 'read'>
  readonly #job: WriteJob
  readonly #ended = new AbortController()
  readonly #signal: AbortSignal
  readonly #begun: Begun[] = []

  constructor(source: Pick<Source, 'read'>, job: WriteJob, signal: AbortSignal) {
    this.#source = source
    this.#job = job
    this.#signal = AbortSignal.any([signal, this.#ended.signal])
  }

  /** The next slab of the range at `index`; undefined after its last. Ranges are asked for in order. Errors: `Source.read`'s. */
  async next(index: number): Promise<RecordSlab | undefined> {
    const last = Math.min(this.#job.ranges.length - 1, this.#job.full ? index : index + aheadMax)
    while (this.#begun.length <= last) this.#begun.push(this.#begin(this.#begun.length))
    const begun = this.#begun[index] as Begun
    const { first } = begun
    begun.first = undefined
    const next = await (first ?? begun.slabs.next())
    return next.done === true ? undefined : next.value
  }

  /** Ends what was begun and is not wanted any more. */
  async close(): Promise<void> {
    this.#ended.abort(notWanted)
    await Promise.allSettled(this.#begun.flatMap(({ slabs }) => slabs.return?.() ?? []))
  }

  #begin(index: number): Begun {
    const { topic, topicId, cutAtMs, ranges } = this.#job
    const { partition, start, endExclusive } = ranges[index] as WriteJob['ranges'][number]
    const request = { topic, topicId, cutAtMs, partition, start, endExclusive }
    const slabs = this.#source.read(request, this.#signal)[Symbol.asyncIterator]()
    const first = slabs.next()
    // Heard when the range is asked for, if it ever is.
    first.catch(() => undefined)
    return { slabs, first }
  }
}
