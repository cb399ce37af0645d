import type { WriteJob } from '@silt/contracts'
import type { EncodedUnit, EncodeSpec } from '@silt/core'
import type { UnitReading } from './read-unit.ts'
import type { SlabMark } from './unit-trail.ts'

/** A unit to be read and encoded. */
export interface UnitOrder {
  readonly job: WriteJob
  readonly spec: EncodeSpec
  /** Decoded bytes; a unit that would be larger ends short. */
  readonly unitBytesMax: number
  /** Undecoded, every record a dead letter `crashes-decoder` with this detail. */
  readonly condemn?: string
}

export interface UnitListener {
  /** Of every slab that the decoder was given, said before the run ends, however it does: it is known of should the decoder die over it. */
  onSlab(mark: SlabMark): void
}

/** At least one range was begun; `reading.failure` says why others were not, where the source was away. */
export interface RanUnit {
  readonly unit: EncodedUnit
  readonly reading: UnitReading
  /** Waiting for the source, then decoding and finishing the files. */
  readonly readMs: number
  readonly encodeMs: number
  /** Nobody reads the files any more: their memory is used for others. Left out: nothing is to be said. */
  readonly release?: () => void
}

/**
 * Somewhere units are read, decoded and encoded; several at once.
 *
 * Errors: what `readUnit` throws, the source's where no range could be begun, and a UnitEncoder's: `encoder/crashed` (data) says that decoding
 * what `onSlab` told of ended the decoder, `encoder/died` (unavailable) that something else did. An aborted `signal` ends a run with its reason.
 */
export interface UnitRunner {
  run(order: UnitOrder, hear: UnitListener, signal: AbortSignal): Promise<RanUnit>
}
