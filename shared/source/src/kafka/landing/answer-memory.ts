/**
 * Memory that one answer of a broker lands in, straight from the socket.
 *
 * 1. `take` is called at most once, when the answer's size is known and within its bound; until the call that waits for the answer settles,
 *    the bytes are written by its connection and read by nobody.
 * 2. A call that fails writes no more. One that succeeds leaves the bytes to its caller, until `release`.
 * 3. `release` may be called more than once, and without `take`.
 */
export interface AnswerMemory {
  take(sizeBytes: number): Buffer
  release(): void
}

/** Gives memory for one more answer. A reader holds two answers at most: the one it decodes and the next. */
export type Landing = () => AnswerMemory
