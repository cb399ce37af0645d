import { collectGarbage, isSiltError, SiltError, type Clock, type Source } from '@silt/core'
import { FileMemory, PlaneEncoder, type PlaneReading } from '@silt/dataplane'
import type { RowDecoderLimits } from '@silt/rows'
import { LocalUnitRunner } from '../local-unit-runner.ts'
import type { RanUnit, UnitListener, UnitOrder, UnitRunner } from '../unit-runner.ts'
import { AnyWidthEncoder } from './any-width-encoder.ts'
import type { UnitPlace } from './serve-units.ts'

const MIB = 1024 * 1024
/** Larger answers and batches are read outside the plane and copied, or decoded where they are. */
const answerBytesMax = 32 * MIB
const batchBytesMax = 64 * MIB
const batchRecordsMax = 1 << 20
/** More than units of ordinary events touch. A place that touched more may have met one very large record, and is not kept for that. */
const keptBytesMaxDefault = 64 * MIB
/** Until then it is: where all units touch so much, a new place for each would cost a third of the work. */
const keptMs = 10_000
/** By then the last socket of a source that was closed is gone, and holds nothing of the place any more. */
const lastSocketMs = 100

export interface PlanePlaceOptions {
  /** Makes the place's source, closed with it. One that reads into the plane has its records scanned where they landed; any other's are copied. */
  readonly openSource: (reading: PlaneReading) => Source
  readonly clock: Clock
  /** RECORD_BYTES_MAX. */
  readonly recordBytesMax: number
  readonly limits?: RowDecoderLimits
  /** What files are assembled in. Default: memory made for each. */
  readonly fileMemory?: FileMemory
  /** Memory the plane may have touched before the place is spent. Default: PlaneEncoder's. */
  readonly touchedBytesMax?: number
  /** The same for a place that is 10 s old; its units do not end short. Default 64 MiB. */
  readonly keptBytesMax?: number
}

/**
 * A plane with the source that reads into it and the encoder that encodes out of it. They are made and given up together.
 *
 * Where the plane is given up (a trap), one unit has crashed: that at fault, where it shows by its own error, else the first that fails of it. The others
 * end with `encoder/died`, and do not wait for their broker before.
 */
export class PlanePlace implements UnitPlace {
  readonly runner: UnitRunner
  readonly #encoder: PlaneEncoder
  readonly #source: Source
  readonly #clock: Clock
  readonly #madeMs: number
  readonly #keptBytesMax: number
  readonly #givenUp = new AbortController()
  /** What gave the plane up, until a unit has ended with it. */
  #trap: SiltError | undefined

  constructor(options: PlanePlaceOptions) {
    const { openSource, clock, recordBytesMax, limits = {}, touchedBytesMax, fileMemory = new FileMemory() } = options
    this.#clock = clock
    this.#madeMs = clock.monotonicMs()
    this.#keptBytesMax = options.keptBytesMax ?? keptBytesMaxDefault
    const bound = touchedBytesMax === undefined ? {} : { touchedBytesMax }
    this.#encoder = new PlaneEncoder({ limits, fileMemory, ...bound, onGivenUp: (trap) => this.#onGivenUp(trap) })
    const reading = this.#encoder.reading({ answerBytesMax, batchBytesMax, batchRecordsMax, recordBytesMax })
    this.#source = openSource(reading)
    const local = new LocalUnitRunner({
      source: this.#source,
      // Its code is loaded when first needed: few threads ever meet such a table.
      encoder: new AnyWidthEncoder(this.#encoder, async () => {
        const { InlineEncoder } = await import('../encode/inline-encoder.ts')
        return new InlineEncoder(limits)
      }),
      clock,
    })
    this.runner = { run: (order, hear, signal) => this.#run(local, order, hear, signal) }
  }

  get isSpent(): boolean {
    const isKept = this.touchedBytes <= this.#keptBytesMax || this.#clock.monotonicMs() - this.#madeMs < keptMs
    return this.#encoder.isSpent || !isKept
  }

  get touchedBytes(): number {
    return this.#encoder.engine.touchedBytes
  }

  /** Its memory is given back some time later. */
  async close(): Promise<void> {
    await Promise.all([this.#encoder.close(), this.#source.close()])
    void this.#clock.sleep(lastSocketMs).then(collectGarbage)
  }

  async #run(local: UnitRunner, order: UnitOrder, hear: UnitListener, signal: AbortSignal): Promise<RanUnit> {
    try {
      return await local.run(order, hear, AbortSignal.any([signal, this.#givenUp.signal]))
    } catch (error) {
      throw signal.aborted ? error : this.#blamed(error)
    }
  }

  #blamed(error: unknown): unknown {
    const trap = this.#trap
    if (trap === undefined) return error
    this.#trap = undefined
    // That no unit is to blame is said by an error that the trap caused.
    const isTold = isSiltError(error, 'encoder/crashed') || (error instanceof Error && error.cause === trap)
    return isTold ? error : trap
  }

  #onGivenUp(trap: SiltError): void {
    this.#trap = trap
    // The unit at fault comes first.
    const over = new SiltError('unavailable', 'encoder/died', 'the data plane trapped over another unit')
    setImmediate(() => this.#givenUp.abort(over))
  }
}
