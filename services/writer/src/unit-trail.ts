import type { DeadlyRange, WriteJob } from '@silt/contracts'
import type { RecordSlab } from '@silt/core'

/** A slab as remembered once its buffers are gone. */
export interface SlabMark {
  readonly partition: number
  readonly start: number
  readonly nextOffset: number
  readonly count: number
  readonly firstOffset: number | undefined
  readonly middleOffset: number | undefined
}

export function slabMark({ partition, start, nextOffset, count, offsets }: RecordSlab): SlabMark {
  const middleOffset = count < 2 ? undefined : offsets[count >> 1]
  return { partition, start, nextOffset, count, firstOffset: offsets[0], middleOffset }
}

/** What a decoder was given of a unit: what is known of it should the decoder die. A UnitListener. */
export class UnitTrail {
  readonly #slabs: SlabMark[] = []

  get recordCount(): number {
    return this.#slabs.reduce((sum, slab) => sum + slab.count, 0)
  }

  /** The first record given. */
  get firstRecord(): { readonly partition: number; readonly offset: number } | undefined {
    for (const { partition, firstOffset: offset } of this.#slabs) if (offset !== undefined) return { partition, offset }
    return undefined
  }

  /** Whether all of the job was given, so that there is nothing to be cut off. */
  isWhole(job: Pick<WriteJob, 'ranges'>): boolean {
    return job.ranges.every(({ partition, endExclusive }) =>
      this.#slabs.some((slab) => slab.partition === partition && slab.nextOffset >= endExclusive),
    )
  }

  onSlab(mark: SlabMark): void {
    this.#slabs.push(mark)
  }

  /** What was given of the job's ranges, each with its middle record. */
  deadlyRanges(job: Pick<WriteJob, 'ranges'>): readonly DeadlyRange[] {
    return job.ranges.flatMap(({ partition, start }) => {
      const slabs = this.#slabs.filter((slab) => slab.partition === partition)
      const endExclusive = slabs.at(-1)?.nextOffset ?? start
      return endExclusive > start ? [Object.freeze({ partition, start, endExclusive, middle: middleOf(slabs) })] : []
    })
  }
}

/** A job's ranges halved by offsets: nothing is known of their records. */
export function unreadRanges(job: Pick<WriteJob, 'ranges'>): readonly DeadlyRange[] {
  return job.ranges.map(({ partition, start, endExclusive }) => {
    const middle = start + Math.floor((endExclusive - start) / 2)
    return Object.freeze({ partition, start, endExclusive, middle: middle > start ? middle : null })
  })
}

/**
 * Where to cut so that about half the records are on either side, and at least one: between two slabs or in the middle of one, whatever comes nearest.
 * Neither side has more than about three quarters of them. Null below two records.
 */
function middleOf(slabs: readonly SlabMark[]): number | null {
  const total = slabs.reduce((sum, slab) => sum + slab.count, 0)
  let best: { readonly offset: number; readonly missBy: number } | undefined
  let before = 0
  const look = (offset: number, left: number): void => {
    const missBy = Math.abs(total / 2 - left)
    if (left > 0 && left < total && (best === undefined || missBy < best.missBy)) best = { offset, missBy }
  }
  for (const { start, count, middleOffset } of slabs) {
    look(start, before)
    if (middleOffset !== undefined) look(middleOffset, before + (count >> 1))
    before += count
  }
  return best?.offset ?? null
}
