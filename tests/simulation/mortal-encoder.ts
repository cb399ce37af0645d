import {
  SiltError,
  type EncodeSession,
  type EncodeSpec,
  type ParquetWriter,
  type RecordSlab,
  type UnitEncoder,
} from '@silt/core'
import { InlineEncoder } from '@silt/writer/testing'
import type { Draws } from './draws.ts'

/** In a record's value: no decoder lives through it. */
export const deadlyText = 'NO-DECODER-LIVES-THROUGH-THIS'

const deadly = Buffer.from(deadlyText)

/** The real decoder and encoder on the calling thread, which die over deadly records, and now and then for no reason of the record's. */
export class MortalEncoder implements UnitEncoder {
  readonly #inner: InlineEncoder
  readonly #draws: Draws
  readonly #deathRate: () => number

  constructor(writer: ParquetWriter, draws: Draws, deathRate: () => number) {
    this.#inner = new InlineEncoder({}, writer)
    this.#draws = draws
    this.#deathRate = deathRate
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    const session = await this.#inner.open(spec)
    return {
      push: (slab) => (this.#kills(slab) ? Promise.reject(died()) : session.push(slab)),
      condemn: (slab, detail) => session.condemn(slab, detail),
      finish: (ranges) => session.finish(ranges),
      abandon: () => session.abandon(),
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #kills({ bytes, valueStarts, valueEnds }: RecordSlab): boolean {
    const deathRate = this.#deathRate()
    if (deathRate > 0 && this.#draws.chance(deathRate)) return true
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(deadly)) return false
    return valueStarts.some(
      (start, k) => start >= 0 && Buffer.from(bytes.subarray(start, valueEnds[k])).includes(deadly),
    )
  }
}

function died(): SiltError {
  return new SiltError('unavailable', 'encoder/crashed', 'the decoder died')
}
