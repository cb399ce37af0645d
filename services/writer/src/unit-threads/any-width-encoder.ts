import { isSiltError, type EncodeSession, type EncodeSpec, type UnitEncoder } from '@silt/core'
import { copiedSlab } from '@silt/dataplane'

/**
 * Encodes tables in the plane, and those it does not take by another encoder, to which slabs that stand in the plane go as copies.
 * Errors: the plane's encoder's, but those that say what tables it does not take (`dataplane/…`, unsupported).
 */
export class AnyWidthEncoder implements UnitEncoder {
  readonly #plane: UnitEncoder
  readonly #makeWide: () => Promise<UnitEncoder>

  constructor(plane: UnitEncoder, makeWide: () => Promise<UnitEncoder>) {
    this.#plane = plane
    this.#makeWide = makeWide
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    try {
      return await this.#plane.open(spec)
    } catch (error) {
      if (!isSiltError(error) || error.kind !== 'unsupported' || !error.code.startsWith('dataplane/')) throw error
      const wide = await this.#makeWide()
      const session = await wide.open(spec)
      return {
        push: (slab) => session.push(copiedSlab(slab)),
        condemn: (slab, detail) => session.condemn(copiedSlab(slab), detail),
        finish: (ranges) => session.finish(ranges),
        abandon: () => session.abandon(),
      }
    }
  }

  close(): Promise<void> {
    return this.#plane.close()
  }
}
