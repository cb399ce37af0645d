import { MalformedBatch } from './malformed-batch.ts'

const INITIAL_BYTES = 64 * 1024
/** An arena that one large batch has blown up is not kept. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024

/** Bytes appended one after another, reused from slab to slab. Only `[0, length)` has meaning. */
export class ByteArena {
  bytes: Uint8Array = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  length = 0

  /** Room for `extra` more bytes behind `length`. Views of `bytes` taken before may be stale after it. */
  reserve(extra: number): void {
    const needed = this.length + extra
    if (needed <= this.bytes.length) return
    if (needed > 0x7fffffff) throw new MalformedBatch(`${needed} bytes do not fit one slab`)
    const grown = Buffer.allocUnsafeSlow(Math.min(0x7fffffff, Math.max(needed, this.bytes.length * 2)))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }

  append(piece: Uint8Array): void {
    this.reserve(piece.length)
    this.bytes.set(piece, this.length)
    this.length += piece.length
  }

  /** A copy of what was appended, in a buffer of its own; the arena is empty after it. */
  take(): Uint8Array {
    const taken = new Uint8Array(Buffer.allocUnsafeSlow(this.length).buffer)
    taken.set(this.bytes.subarray(0, this.length))
    this.length = 0
    if (this.bytes.length > KEPT_BYTES_MAX) this.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES)
    return taken
  }
}
