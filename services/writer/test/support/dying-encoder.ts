import { SiltError, type EncodeSession, type EncodeSpec, type RecordSlab, type UnitEncoder } from '@silt/core'
import { InlineEncoder } from '../../src/encode/inline-encoder.ts'

/** An encoder whose decoder dies when `isDeadly` says so of a slab; with a list of what it was given. */
export class DyingEncoder implements UnitEncoder {
  /** Values of each slab pushed or condemned. */
  readonly given: string[][] = []
  readonly #inner = new InlineEncoder()
  readonly #isDeadly: (values: readonly string[]) => boolean

  constructor(isDeadly: (values: readonly string[]) => boolean) {
    this.#isDeadly = isDeadly
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    const session = await this.#inner.open(spec)
    return {
      push: async (slab) => {
        const values = valuesOf(slab)
        this.given.push(values)
        if (this.#isDeadly(values)) throw new SiltError('data', 'encoder/crashed', 'it died')
        return session.push(slab)
      },
      condemn: (slab, detail) => {
        this.given.push(['condemned', ...valuesOf(slab)])
        return session.condemn(slab, detail)
      },
      finish: (ranges) => session.finish(ranges),
      abandon: () => session.abandon(),
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function valuesOf({ bytes, valueStarts, valueEnds }: RecordSlab): string[] {
  return [...valueStarts].map((start, k) => Buffer.from(bytes.subarray(start, valueEnds[k])).toString())
}
