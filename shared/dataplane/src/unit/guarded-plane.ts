import { SiltError } from '@silt/core'
import type { Engine } from '../wasm/engine.ts'

const reservedShare = 1 / 4

/**
 * A plane and whether it can still be used: what throws within it may have left it half way, with everything in it.
 *
 * Errors of `run`: SiltErrors as thrown, those of kind `internal` giving the plane up; `encoder/crashed` (data) for anything else (a trap: its memory is full),
 * which gives it up as well; `encoder/died` (unavailable) once it is given up.
 */
export class GuardedPlane {
  readonly engine: Engine
  readonly #touchedBytesMax: number
  readonly #onGivenUp: (error: SiltError) => void
  #isGivenUp = false

  /** `onGivenUp` hears at once what gave the plane up: whoever uses it waits for nothing any more. */
  constructor(engine: Engine, touchedBytesMax: number, onGivenUp: (error: SiltError) => void = () => undefined) {
    this.engine = engine
    this.#touchedBytesMax = touchedBytesMax
    this.#onGivenUp = onGivenUp
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp
  }

  /** More of its memory has been touched than should be, and stays so. */
  get isBeyondBound(): boolean {
    return this.engine.touchedBytes > this.#touchedBytesMax
  }

  /** Bytes of its memory that were never touched. What was released meanwhile comes on top, where its blocks fit. */
  get roomBytes(): number {
    return this.engine.bytes.length - this.engine.touchedBytes
  }

  /** Of the room, what is kept for one more step of a unit and for what the units' ends need. */
  get reservedBytes(): number {
    return this.engine.bytes.length * reservedShare
  }

  /** What whoever reads into the plane may take of the room; never less than 0. */
  get spareBytes(): number {
    return Math.max(0, this.roomBytes - this.reservedBytes)
  }

  run<T>(work: () => T): T {
    if (this.#isGivenUp)
      throw new SiltError('unavailable', 'encoder/died', 'the data plane trapped over another unit and is given up')
    try {
      return work()
    } catch (cause) {
      if (cause instanceof SiltError && cause.kind !== 'internal') throw cause
      throw this.#givenUp(cause)
    }
  }

  #givenUp(cause: unknown): SiltError {
    const message = `the data plane trapped with ${this.engine.touchedBytes} bytes of its memory touched: ${String(cause)}`
    const error = cause instanceof SiltError ? cause : new SiltError('data', 'encoder/crashed', message, { cause })
    this.#isGivenUp = true
    this.#onGivenUp(error)
    return error
  }
}
