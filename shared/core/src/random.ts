import { randomUUID } from 'node:crypto'

/** Randomness, handed in: jitter and ids. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** RFC 9562 version 4 UUID, lower case. */
  uuid(): string
}

export const systemRandom: Random = Object.freeze({
  next: () => Math.random(),
  uuid: () => randomUUID(),
})

/** The same sequence for the same seed (xorshift32; not for secrets). */
export function seededRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  const nextUint32 = (): number => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
  const hex = (digits: number): string => nextUint32().toString(16).padStart(8, '0').slice(0, digits)
  return Object.freeze({
    next: () => nextUint32() / 2 ** 32,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[nextUint32() & 3]}${hex(3)}-${hex(8)}${hex(4)}`,
  })
}
