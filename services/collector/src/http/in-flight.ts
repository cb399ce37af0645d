import { busy, type RequestFault } from '../request-fault.ts'

export interface InFlightBounds {
  readonly requestsMax: number
  readonly bytesMax: number
}

/** What requests hold of this process's memory, from their first byte until their events have ended. */
export class InFlight {
  readonly #bounds: InFlightBounds
  readonly #onBytes: (bytes: number) => void
  #requests = 0
  #bytes = 0

  constructor(bounds: InFlightBounds, onBytes: (bytes: number) => void) {
    this.#bounds = bounds
    this.#onBytes = onBytes
  }

  /** A request's share, to be ended once; or that there is no room for one more. */
  enter(): Share | RequestFault {
    if (this.#requests >= this.#bounds.requestsMax)
      return busy(`${this.#bounds.requestsMax} requests (HTTP_REQUESTS_MAX)`)
    this.#requests++
    let held = 0
    return {
      grow: (bytes) => {
        if (this.#bytes + bytes > this.#bounds.bytesMax)
          return busy(`${this.#bounds.bytesMax} bytes held (HTTP_IN_FLIGHT_BYTES_MAX)`)
        held += bytes
        this.#count(bytes)
        return undefined
      },
      end: () => {
        this.#requests--
        this.#count(-held)
        held = 0
      },
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    this.#onBytes(this.#bytes)
  }
}

export interface Share {
  /** Takes so many bytes more, or says that there is no room. */
  grow(bytes: number): RequestFault | undefined
  end(): void
}
