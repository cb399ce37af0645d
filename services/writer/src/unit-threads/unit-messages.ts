import type { EncodedUnit } from '@silt/core'
import { plainError, thrownError, type PlainError } from '../encode/encode-messages.ts'
import type { UnitReading } from '../read-unit.ts'
import type { RanUnit, UnitOrder } from '../unit-runner.ts'
import type { SlabMark } from '../unit-trail.ts'

/**
 * What crosses between a writer and its unit threads. A `run` is answered once, by `finished` or `failed`; `abort` makes that come soon. A thread's
 * question, `security?`, is answered by `security` of the same number.
 */
export type UnitRequest =
  | { readonly kind: 'run'; readonly run: number; readonly order: UnitOrder; readonly trail: SharedArrayBuffer }
  | { readonly kind: 'abort'; readonly run: number }
  /** What files were in that the thread gave away, to be used again. */
  | { readonly kind: 'file-memory'; readonly buffers: readonly ArrayBuffer[] }
  | { readonly kind: 'security'; readonly ask: number; readonly answer: PlainAnswer }

export type UnitReply =
  /** There is more in the run's trail, or, where that was full, here. Said of the first slab; what comes later in the trail nobody waits for. */
  | { readonly kind: 'slab'; readonly run: number; readonly mark?: SlabMark }
  | { readonly kind: 'finished'; readonly run: number; readonly ran: PlainRan }
  | { readonly kind: 'failed'; readonly run: number; readonly error: PlainError }
  /** By what the source's next connection is secured. */
  | { readonly kind: 'security?'; readonly ask: number }
  /** Of the place where a unit ran last. */
  | { readonly kind: 'touched'; readonly touchedBytes: number }
  /** A place was spent: its memory is let go of. */
  | { readonly kind: 'renewed' }

/** A value as structured clone takes it, or why there is none. */
export type PlainAnswer = { readonly value: unknown } | { readonly error: PlainError }

/** A RanUnit as data. */
interface PlainRan {
  readonly unit: EncodedUnit
  readonly reading: Omit<UnitReading, 'failure'>
  readonly failure: PlainError | undefined
  readonly readMs: number
  readonly encodeMs: number
}

export function plainRan({ unit, reading: { failure, ...reading }, readMs, encodeMs }: RanUnit): PlainRan {
  return { unit, reading, failure: failure === undefined ? undefined : plainError(failure), readMs, encodeMs }
}

export function ranUnit({ unit, reading, failure, readMs, encodeMs }: PlainRan, release: () => void): RanUnit {
  const thrown = failure === undefined ? undefined : thrownError(failure)
  return { unit, reading: Object.freeze({ ...reading, failure: thrown }), readMs, encodeMs, release }
}

/** Never rejects. */
export async function plainAnswer(give: () => unknown): Promise<PlainAnswer> {
  try {
    return { value: await give() }
  } catch (error) {
    return { error: plainError(error) }
  }
}
