import type { Draws } from './draws.ts'

/**
 * How long memory is short at most, virtual ms: for less than passes between the first and the last of the deaths that condemn a record
 * (`crashPauseMsMax` of `actors.ts`). So a sound record that is condemned is a broken promise (I2-misjudged), whatever died of what.
 */
export const pressureMsMax = 600
/** It is not short again, since the last death, before a record that waited it out has been judged anew, however slow its source, ms. */
const reliefMs = 8000
/** Rarely enough that a sound record is decoded between two deaths. */
const deathShare = 0.6
/** It begins over slabs of several records so much less often: they are halved, and nothing is condemned. */
const severalShare = 0.1

/** Memory is short now and then, and most processes in which one unit is decoded apart are killed for it, whatever they decode. */
export class MemoryPressure {
  readonly #nowMs: () => number
  readonly #draws: Draws
  readonly #share: () => number
  #untilMs = -Infinity
  #lastDeathMs = -Infinity
  #inARow = 0

  /** `share` of slabs of one record decoded apart with which it begins. */
  constructor(nowMs: () => number, draws: Draws, share: () => number) {
    this.#nowMs = nowMs
    this.#draws = draws
    this.#share = share
  }

  /** Deaths since one was spared. */
  get inARow(): number {
    return this.#inARow
  }

  /** A process that stood still runs again: what it was judging it goes on to judge only now, so relief begins anew. */
  woke(): void {
    if (this.#lastDeathMs > -Infinity) this.#lastDeathMs = this.#nowMs()
  }

  /** Whether a process that takes a slab of so many records now dies of it. */
  kills(recordCount: number): boolean {
    const dies = this.#kills(recordCount)
    if (dies) this.#lastDeathMs = this.#nowMs()
    this.#inARow = dies ? this.#inARow + 1 : 0
    return dies
  }

  #kills(recordCount: number): boolean {
    const nowMs = this.#nowMs()
    if (nowMs < this.#untilMs) return this.#draws.chance(deathShare)
    const share = this.#share() * (recordCount === 1 ? 1 : severalShare)
    if (share === 0 || nowMs < this.#lastDeathMs + reliefMs || !this.#draws.chance(share)) return false
    this.#untilMs = nowMs + this.#draws.between(1, pressureMsMax)
    return true
  }
}
