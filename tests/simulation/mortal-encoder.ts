import {
  SiltError,
  type EncodeSession,
  type EncodeSpec,
  type ParquetWriter,
  type RecordSlab,
  type UnitEncoder,
} from '@silt/core'
import { InlineEncoder } from '@silt/writer/testing'

/** In a record's value: no decoder lives through it. */
export const deadlyText = 'NO-DECODER-LIVES-THROUGH-THIS'

const deadly = Buffer.from(deadlyText)

export interface Deaths {
  /** Over a slab that is sound: for no reason of its own. */
  readonly stray: (recordCount: number) => boolean
  /** Over a deadly record, before anybody can say so: the whole process may go with the decoder. */
  readonly onDeadly?: () => void
}

/** The real decoder and encoder on the calling thread, which die over deadly records, and now and then for no reason of the record's. */
export class MortalEncoder implements UnitEncoder {
  readonly #inner: InlineEncoder
  readonly #deaths: Deaths

  constructor(writer: ParquetWriter, deaths: Deaths) {
    this.#inner = new InlineEncoder({}, writer)
    this.#deaths = deaths
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

  #kills({ bytes, count, valueStarts, valueEnds }: RecordSlab): boolean {
    if (this.#deaths.stray(count)) return true
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(deadly)) return false
    const isDeadly = valueStarts.some(
      (start, k) => start >= 0 && Buffer.from(bytes.subarray(start, valueEnds[k])).includes(deadly),
    )
    if (isDeadly) this.#deaths.onDeadly?.()
    return isDeadly
  }
}

function died(): SiltError {
  return new SiltError('unavailable', 'encoder/crashed', 'the decoder died')
}
