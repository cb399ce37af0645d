import type { Landing } from '../../src/kafka/landing/answer-memory.ts'

const POISON = 0xdd

/** Memory whose bytes are gone once it is released, and which knows how much of it was ever lent at once. */
export class PoisonedLanding {
  lent = 0
  lentMax = 0
  taken = 0
  /** Made by what lends the memory; left out: buffers. */
  readonly #inner: Landing | undefined

  constructor(inner?: Landing) {
    this.#inner = inner
  }

  readonly landing: Landing = () => {
    const inner = this.#inner?.()
    let bytes: Buffer | undefined
    return {
      take: (sizeBytes) => {
        if (bytes !== undefined) throw new Error('taken twice')
        bytes = inner?.take(sizeBytes) ?? Buffer.alloc(sizeBytes, POISON)
        this.taken++
        this.lentMax = Math.max(this.lentMax, ++this.lent)
        return bytes
      },
      release: () => {
        if (bytes === undefined) return
        bytes.fill(POISON)
        bytes = undefined
        this.lent--
        inner?.release()
      },
    }
  }
}
