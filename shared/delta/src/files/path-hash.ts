import type { BytesVector } from '@silt/core'

const percent = 0x25

/** A path's text as a key: decoded, so that all spellings of one file are the same; a text that is not URI-encoded is its own key. */
export function pathKey(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** 32 bits of a path's key; equal for equal keys. */
export function hashOfPath(path: string): number {
  const bytes = new TextEncoder().encode(pathKey(path))
  return hashOfBytes(bytes, 0, bytes.length)
}

/** The same, of a slot. */
export function hashAt(paths: BytesVector, slot: number): number {
  const { bytes, offsets } = paths
  const [from, to] = [offsets[slot] as number, offsets[slot + 1] as number]
  const end = indexOfPercent(bytes, from, to)
  if (end === to) return hashOfBytes(bytes, from, to)
  return hashOfPath(new TextDecoder().decode(bytes.subarray(from, to)))
}

/** Whether two slots have the same key. */
export function samePath(a: BytesVector, slotA: number, b: BytesVector, slotB: number): boolean {
  const [fromA, toA] = [a.offsets[slotA] as number, a.offsets[slotA + 1] as number]
  const [fromB, toB] = [b.offsets[slotB] as number, b.offsets[slotB + 1] as number]
  if (toA - fromA === toB - fromB) {
    let at = 0
    while (at < toA - fromA && a.bytes[fromA + at] === b.bytes[fromB + at]) at++
    if (at === toA - fromA) return true
  }
  const isPlain = indexOfPercent(a.bytes, fromA, toA) === toA && indexOfPercent(b.bytes, fromB, toB) === toB
  return !isPlain && keyAt(a, slotA) === keyAt(b, slotB)
}

/** The key of a slot. */
export function keyAt({ bytes, offsets }: BytesVector, slot: number): string {
  return pathKey(new TextDecoder().decode(bytes.subarray(offsets[slot], offsets[slot + 1])))
}

function indexOfPercent(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) if (bytes[at] === percent) return at
  return to
}

/** FNV-1a, its bits mixed once more: tables are looked up by the low ones. */
function hashOfBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
