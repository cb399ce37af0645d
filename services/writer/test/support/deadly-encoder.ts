import type { EncodeSession, EncodeSpec, RecordSlab, UnitEncoder } from '@silt/core'

/** Values at which a decoder dies: given the slab with it, or finishing the unit. */
export const deadly = { push: 'DEADLY-PUSH', finish: 'DEADLY-FINISH' } as const

/** An encoder that calls `die` over what is `deadly`. */
export class DeadlyEncoder implements UnitEncoder {
  readonly #inner: UnitEncoder
  readonly #die: () => void

  constructor(inner: UnitEncoder, die: () => void) {
    this.#inner = inner
    this.#die = die
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    const session = await this.#inner.open(spec)
    let isDoomed = false
    return {
      push: async (slab) => {
        if (holds(slab, deadly.push)) this.#die()
        isDoomed ||= holds(slab, deadly.finish)
        return session.push(slab)
      },
      condemn: (slab, detail) => session.condemn(slab, detail),
      finish: async (ranges) => {
        if (isDoomed) this.#die()
        return session.finish(ranges)
      },
      abandon: () => session.abandon(),
    }
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}

/** Of its records: what else stands in its bytes is none of its. */
function holds({ bytes, valueStarts, valueEnds }: RecordSlab, value: string): boolean {
  return valueStarts.some(
    (start, k) => start >= 0 && Buffer.from(bytes.subarray(start, valueEnds[k])).toString('latin1') === value,
  )
}
