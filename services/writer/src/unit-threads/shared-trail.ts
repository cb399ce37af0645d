import type { SlabMark } from '../unit-trail.ts'

const marksMax = 1000
const fields = 6
const headerBytes = 16

/**
 * What a thread does for one unit, in memory that its writer sees as well and that outlives the thread: a message each time would cost a tenth of what
 * decoding does. The thread writes, its writer reads.
 */
export class SharedTrail {
  readonly memory: SharedArrayBuffer
  /** How many marks there are. */
  readonly #count: Int32Array
  /** 32 bits would be through after some weeks of a busy topic: nothing would have been begun then. */
  readonly #stamp: BigInt64Array
  readonly #marks: Float64Array

  /** Left out: memory of its own, empty. */
  constructor(memory = new SharedArrayBuffer(headerBytes + marksMax * fields * 8)) {
    this.memory = memory
    this.#count = new Int32Array(memory, 0, 1)
    this.#stamp = new BigInt64Array(memory, 8, 1)
    this.#marks = new Float64Array(memory, headerBytes)
  }

  get count(): number {
    return Atomics.load(this.#count, 0)
  }

  /** Grows from one doing of the thread to the next, whichever unit it is for; 0: it has not begun this one. */
  get stamp(): number {
    return Number(Atomics.load(this.#stamp, 0))
  }

  set stamp(stamp: number) {
    Atomics.store(this.#stamp, 0, BigInt(stamp))
  }

  /** False where there is no room for more. */
  add({ partition, start, nextOffset, count, firstOffset = NaN, middleOffset = NaN }: SlabMark): boolean {
    const index = this.count
    if (index === marksMax) return false
    this.#marks.set([partition, start, nextOffset, count, firstOffset, middleOffset], index * fields)
    Atomics.store(this.#count, 0, index + 1)
    return true
  }

  markAt(index: number): SlabMark {
    const [partition = 0, start = 0, nextOffset = 0, count = 0, firstOffset = NaN, middleOffset = NaN] =
      this.#marks.subarray(index * fields)
    return { partition, start, nextOffset, count, firstOffset: known(firstOffset), middleOffset: known(middleOffset) }
  }
}

function known(offset: number): number | undefined {
  return Number.isNaN(offset) ? undefined : offset
}
