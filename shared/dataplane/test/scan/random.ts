/** Numbers from a seed (mulberry32): what a failing run prints is enough to repeat it. */
export class Seeded {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 to `below - 1`. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  shuffled<T>(from: readonly T[]): T[] {
    const items = [...from]
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.below(last + 1)
      ;[items[last], items[other]] = [items[other]!, items[last]!]
    }
    return items
  }
}
