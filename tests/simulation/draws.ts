/**
 * Chance that depends on nothing but what it is drawn for: the same seed and the same place give the same draws, whatever was drawn elsewhere.
 * So a run with one fault less is the same run in every other respect, and that is what makes shrinking work.
 */
export interface Draws {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** Uniform whole number in [low, high]. */
  whole(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T
}

export function drawsFor(...place: readonly number[]): Draws {
  let state = 0x9e3779b9
  for (const part of place) state = mix(state ^ Math.imul(part | 0, 0x85ebca6b))
  return new PlacedDraws(state)
}

/** One object a call of a port: closures would be several. */
class PlacedDraws implements Draws {
  #state: number

  constructor(state: number) {
    this.#state = state
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    return (mix(this.#state) >>> 0) / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    const found = from[this.whole(0, from.length - 1)]
    if (found === undefined) throw new RangeError('nothing to pick from')
    return found
  }
}

/** The finaliser of MurmurHash3, 32 bits. */
function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
