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
 * before `release`. Answers larger than `answerBytesMax`, or than half of what `spareBytes` says the plane can spare (a block may be twice what it holds),
 * land outside; their batches are refused by `BatchReader`.
 */
export function planeLanding(
  plane: Engine,
  answerBytesMax: number,
  spareBytes: () => number = () => Infinity,
): () => PlaneAnswer {
  return () => {
    let at = 0
    return {
      take: (sizeBytes) => {
        if (sizeBytes > answerBytesMax || 2 * sizeBytes > spareBytes()) return Buffer.allocUnsafeSlow(sizeBytes)
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
