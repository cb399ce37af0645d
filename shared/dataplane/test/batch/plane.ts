import { type Engine } from '../../src/wasm/engine.ts'

const SLACK = 64

/**
 * The bytes at the very end of the memory, with the slack that every block has behind it and nothing behind that: a read beyond traps.
 * `slack` fills it: nothing may depend on it.
 */
export function placedAtEnd(plane: Engine, bytes: Uint8Array, slack = 0): Buffer {
  const at = plane.bytes.length - SLACK - bytes.length
  plane.bytes.fill(slack, plane.bytes.length - SLACK)
  plane.bytes.set(bytes, at)
  return plane.bytes.subarray(at, at + bytes.length)
}
