import { Engine } from '../../src/wasm/engine.ts'
import type { BatchPlane } from '../../src/batch/batch-exports.ts'

const SLACK = 64

/** An engine of its own; its exports are those of the batch reader too. */
export function openPlane(): BatchPlane {
  return new Engine() as unknown as BatchPlane
}

/**
 * The bytes at the very end of the memory, with the slack that every block has behind it and nothing behind that: a read beyond traps.
 * `slack` fills it: nothing may depend on it.
 */
export function placedAtEnd(plane: BatchPlane, bytes: Uint8Array, slack = 0): Buffer {
  const at = plane.bytes.length - SLACK - bytes.length
  plane.bytes.fill(slack, plane.bytes.length - SLACK)
  plane.bytes.set(bytes, at)
  return plane.bytes.subarray(at, at + bytes.length)
}
