import { isSiltError, SiltError, type EncodeSession, type EncodeSpec, type UnitEncoder } from '@silt/core'
import type { RowDecoderLimits } from '@silt/rows'
import { FileMemory } from '../parquet/file-memory.ts'
import { parquetSettings, type ParquetSettings } from '../parquet/settings.ts'
import { Engine } from '../wasm/engine.ts'
import { GuardedPlane } from './guarded-plane.ts'
import { planeReading, type PlaneReading, type PlaneReadingLimits } from './plane-reading.ts'
import { PlaneSession } from './plane-session.ts'
import { PlaneUnit } from './plane-unit.ts'

const touchedBytesMaxDefault = 96 * 1024 * 1024

export interface PlaneEncoderOptions {
  /** Default: one of its own. Whoever reads record batches into it (`planeLanding`, `BatchReader`) has their slabs scanned where they stand. */
  readonly engine?: Engine
  readonly limits?: RowDecoderLimits
  readonly settings?: Partial<ParquetSettings>
  /** Where files are assembled; whoever gives a file's buffer back to it spares the next file a new one. Default: a buffer made for each. */
  readonly fileMemory?: FileMemory
  /**
   * Memory the plane may have touched before the encoder is spent, and units end that have taken enough. Default 96 MiB: two threads of it, beside what
   * a writer's process holds otherwise, stay below 400 MB.
   */
  readonly touchedBytesMax?: number
  /** Hears at once that the plane trapped, or failed as only a bug lets it, and over what: nothing that uses it ends well any more. */
  readonly onGivenUp?: (error: SiltError) => void
}

/**
 * Encodes units in the data plane, on the calling thread. For every unit it gives the rows, dead letters, added columns and counts that @silt/rows decodes,
 * in files of the same partitions of the table, with statistics of the same meaning.
 *
 * 1. Within a file, rows that the scanner takes come first, in the order pushed; behind them those it leaves to @silt/rows, in theirs. No reader is promised
 *    an order: rows carry partition and offset. Files come in the order in which their partitions' first rows were found.
 * 2. A unit is full at the record at which it is for @silt/rows (`limits`), and before that where the plane's memory runs short, or has grown past its
 *    bound and the unit has taken 16 MiB of records.
 * 3. A `PlaneSlab` of the encoder's own plane is read in place during `push`; any other slab is copied.
 * 4. Sessions share the plane: should it trap, the session at work fails with `encoder/crashed` (data), all others and every new one with `encoder/died`
 *    (unavailable). A session that has failed is over.
 *
 * Errors of `open`: what @silt/rows throws; `dataplane/too-many-columns` (unsupported) for a table with more columns than the plane has room for,
 * `dataplane/partition-columns` for one that is partitioned by other columns than event_date, `dataplane/row-rules` for one whose rows follow rules.
 */
export class PlaneEncoder implements UnitEncoder {
  readonly #plane: GuardedPlane
  readonly #limits: RowDecoderLimits
  readonly #settings: ParquetSettings
  readonly #fileMemory: FileMemory
  readonly #sessions = new Set<PlaneSession>()
  #isClosed = false

  constructor(options: PlaneEncoderOptions = {}) {
    const { engine = new Engine(), touchedBytesMax = touchedBytesMaxDefault, onGivenUp } = options
    this.#plane = new GuardedPlane(engine, touchedBytesMax, onGivenUp)
    this.#limits = options.limits ?? {}
    this.#settings = parquetSettings(options.settings ?? {})
    this.#fileMemory = options.fileMemory ?? new FileMemory()
  }

  get engine(): Engine {
    return this.#plane.engine
  }

  /** Asks to be replaced, together with its plane, for the next session; those open may end here. Its memory has grown past the bound and does not shrink, or it trapped. */
  get isSpent(): boolean {
    return this.#plane.isGivenUp || this.#plane.isBeyondBound
  }

  get sessionCount(): number {
    return this.#sessions.size
  }

  /** For a source whose records are scanned where they landed. What it is given fails as sessions do, once the plane is given up. */
  reading(limits: PlaneReadingLimits): PlaneReading {
    return planeReading(this.#plane, limits)
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    if (this.#isClosed) throw new SiltError('unavailable', 'encoder/died', 'the encoder was closed')
    const unit = this.#begin(spec)
    const session = new PlaneSession(this.#plane, unit, () => this.#sessions.delete(session))
    this.#sessions.add(session)
    return session
  }

  /** A plane that traps here has not been given anything of the unit: no record of it is at fault. */
  #begin(spec: EncodeSpec): PlaneUnit {
    try {
      return this.#plane.run(() => new PlaneUnit(this.#plane, spec, this.#limits, this.#settings, this.#fileMemory))
    } catch (cause) {
      if (!isSiltError(cause, 'encoder/crashed')) throw cause
      throw new SiltError('unavailable', 'encoder/died', cause.message, { cause })
    }
  }

  /** Ends the sessions; a plane that was handed in has everything back. */
  close(): Promise<void> {
    this.#isClosed = true
    for (const session of this.#sessions) session.abandon()
    return Promise.resolve()
  }
}
