import { SiltError, type EncodedUnit, type EncodeSession, type OffsetRange, type RecordSlab } from '@silt/core'
import type { GuardedPlane } from './guarded-plane.ts'
import type { PlaneUnit } from './plane-unit.ts'

/** A unit's life: whichever way it ends, what it holds of the plane is released then. */
export class PlaneSession implements EncodeSession {
  readonly #plane: GuardedPlane
  readonly #onEnd: () => void
  #unit: PlaneUnit | undefined

  constructor(plane: GuardedPlane, unit: PlaneUnit, onEnd: () => void) {
    this.#plane = plane
    this.#unit = unit
    this.#onEnd = onEnd
  }

  async push(slab: RecordSlab): Promise<'more' | 'full'> {
    return this.#with((unit) => unit.push(slab))
  }

  async condemn(slab: RecordSlab, detail: string): Promise<void> {
    this.#with((unit) => unit.condemn(slab, detail))
  }

  async finish(ranges: readonly OffsetRange[]): Promise<EncodedUnit> {
    const encoded = this.#with((unit) => unit.finish(ranges))
    this.abandon()
    return encoded
  }

  abandon(): void {
    const unit = this.#unit
    if (unit === undefined) return
    this.#unit = undefined
    this.#onEnd()
    if (!this.#plane.isGivenUp) this.#plane.run(() => unit.release())
  }

  #with<T>(work: (unit: PlaneUnit) => T): T {
    const unit = this.#unit
    if (unit === undefined)
      throw new SiltError('internal', 'encoder/session-ended', 'the session was finished or abandoned')
    try {
      return this.#plane.run(() => work(unit))
    } catch (error) {
      this.abandon()
      throw error
    }
  }
}
