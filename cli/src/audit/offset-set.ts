/** Which offsets of `[first, endExclusive)` have been seen: one bit each. */
export class OffsetSet {
  readonly first: number
  readonly endExclusive: number
  readonly #bits: Uint8Array
  #size = 0

  constructor(first: number, endExclusive: number) {
    this.first = first
    this.endExclusive = endExclusive
    this.#bits = new Uint8Array(Math.ceil((endExclusive - first) / 8))
  }

  /** Distinct offsets seen. */
  get size(): number {
    return this.#size
  }

  add(offset: number): 'new' | 'duplicate' | 'outside' {
    if (offset < this.first || offset >= this.endExclusive) return 'outside'
    const position = offset - this.first
    const index = Math.floor(position / 8)
    const mask = 1 << (position % 8)
    const bits = this.#bits[index] as number
    if ((bits & mask) !== 0) return 'duplicate'
    this.#bits[index] = bits | mask
    this.#size++
    return 'new'
  }

  /** How many of `[start, endExclusive)` have been seen. */
  countWithin(start: number, endExclusive: number): number {
    const from = Math.max(start, this.first) - this.first
    const to = Math.min(endExclusive, this.endExclusive) - this.first
    let count = 0
    for (let position = from; position < to;) {
      if (position % 8 === 0 && to - position >= 8) {
        count += popCount(this.#bits[position / 8] as number)
        position += 8
      } else {
        count += ((this.#bits[Math.floor(position / 8)] as number) >> (position % 8)) & 1
        position++
      }
    }
    return count
  }
}

function popCount(byte: number): number {
  let bits = byte - ((byte >> 1) & 0x55)
  bits = (bits & 0x33) + ((bits >> 2) & 0x33)
  return (bits + (bits >> 4)) & 0x0f
}
