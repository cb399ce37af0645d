import { isSiltError, type EncodeSession, type EncodeSpec, type UnitEncoder } from '@silt/core'
import { PlaneEncoder } from '@silt/dataplane'
import type { RowDecoderLimits } from '@silt/rows'
import { InlineEncoder } from './inline-encoder.ts'

/**
 * Encodes in the data plane, on the calling thread. A plane whose memory has grown past its bound, or that trapped, gets no further sessions: the next
 * begins with a new one, and the old one goes with the last of its own. Tables with more columns than a plane has room for are encoded without it.
 *
 * Errors: PlaneEncoder's, but `dataplane/too-many-columns`.
 */
export class RenewingEncoder implements UnitEncoder {
  readonly #makePlane: () => PlaneEncoder
  readonly #wide: UnitEncoder
  #plane: PlaneEncoder

  /** `makePlane` gives planes that nobody else uses. */
  constructor(limits: RowDecoderLimits = {}, makePlane = (): PlaneEncoder => new PlaneEncoder({ limits })) {
    this.#makePlane = makePlane
    this.#wide = new InlineEncoder(limits)
    this.#plane = makePlane()
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    if (this.#plane.isSpent) this.#plane = this.#makePlane()
    try {
      return await this.#plane.open(spec)
    } catch (error) {
      if (isSiltError(error, 'dataplane/too-many-columns')) return this.#wide.open(spec)
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#plane.close(), this.#wide.close()])
  }
}
