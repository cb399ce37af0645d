import type { Engine } from '../wasm/engine.ts'

/** Memory for one answer. */
export interface PlaneAnswer {
  /** Room for the answer, once. The plane's while it fits the bound, ordinary memory beyond it. */
  take(sizeBytes: number): Buffer
  /** Nobody looks at the bytes any more. May be called again. */
  release(): void
}

/**
 * Where answers of a broker land: blocks of the plane's memory, one an answer, so that nobody has to know when another overwrites it: nobody does
 * before `release`. Answers larger than `answerBytesMax` land outside; their batches are refused by `BatchReader`.
 */
export function planeLanding(plane: Engine, answerBytesMax: number): () => PlaneAnswer {
  return () => {
    let at = 0
    return {
      take: (sizeBytes) => {
        if (sizeBytes > answerBytesMax) return Buffer.allocUnsafeSlow(sizeBytes)
        at = plane.exports.alloc(sizeBytes) >>> 0
        return Buffer.from(plane.bytes.buffer, at, sizeBytes)
      },
      release: () => {
        if (at !== 0) plane.exports.release(at)
        at = 0
      },
    }
  }
}
