import { assert, type BytesVector, type ColumnVector } from '@silt/core'
import { physical, type WrittenLeaf } from './file-schema.ts'
import type { LeafEntries } from './shred.ts'

/** A page's body before it is compressed: levels, then plain values. */
export interface PlainPage {
  readonly bytes: Uint8Array
  readonly entries: number
  readonly nulls: number
}

/** Of one page's values, roughly. */
const pageBytesMax = 1024 * 1024

/** The pages of what a leaf has of a batch. They begin at rows. */
export function* pagesOf(leaf: WrittenLeaf, entries: LeafEntries): Generator<PlainPage> {
  const perEntry = entries.picks === 'none' ? 1 : Math.max(1, bytesIn(entries.vector) / Math.max(1, entries.count))
  const step = Math.max(1, Math.floor(pageBytesMax / perEntry))
  for (let from = 0; from < entries.count;) {
    let to = Math.min(entries.count, from + step)
    while (to < entries.count && entries.repeats?.[to] === 1) to++
    yield pageOf(leaf, entries, from, to)
    from = to
  }
}

function bytesIn(vector: ColumnVector): number {
  if (vector.kind === 'string' || vector.kind === 'binary')
    return (vector.offsets[vector.length] as number) + 4 * vector.length
  return 8 * vector.length
}

function pageOf(leaf: WrittenLeaf, entries: LeafEntries, from: number, to: number): PlainPage {
  const { levels, repeats, picks } = entries
  const slots = presentSlots(picks, from, to)
  const parts: Uint8Array[] = []
  if (leaf.repeatMax > 0)
    parts.push(repeats === undefined ? levelRun(0, to - from) : levelRuns(repeats.subarray(from, to), 1))
  if (leaf.levelMax > 0)
    parts.push(
      typeof levels === 'number' ? levelRun(levels, to - from) : levelRuns(levels.subarray(from, to), leaf.levelMax),
    )
  parts.push(plainValues(leaf, entries.vector, slots))
  return { bytes: joined(parts), entries: to - from, nulls: to - from - slots.count }
}

/** Slots in order, or all from one on. */
interface Slots {
  readonly count: number
  readonly at: (index: number) => number
  /** Where the slots stand one beside the other, the first of them. */
  readonly first: number | undefined
}

function presentSlots(picks: LeafEntries['picks'], from: number, to: number): Slots {
  if (picks === 'none') return { count: 0, at: () => -1, first: undefined }
  if (picks === undefined) return { count: to - from, at: (index) => from + index, first: from }
  const slots = new Int32Array(to - from)
  let count = 0
  for (let entry = from; entry < to; entry++) {
    const pick = picks[entry] as number
    if (pick >= 0) slots[count++] = pick
  }
  const isTogether = count > 0 && (slots[count - 1] as number) - (slots[0] as number) === count - 1
  return { count, at: (index) => slots[index] as number, first: isTogether ? slots[0] : undefined }
}

function plainValues(leaf: WrittenLeaf, vector: ColumnVector, slots: Slots): Uint8Array {
  switch (vector.kind) {
    case 'string':
    case 'binary':
      return plainBytes(vector, slots)
    case 'long':
    case 'timestamp':
      return bytesOf(picked(new BigInt64Array(slots.count), vector.values, slots))
    case 'integer':
    case 'date':
      return bytesOf(picked(new Int32Array(slots.count), vector.values, slots))
    case 'double':
      return leaf.physical === physical.float
        ? bytesOf(Float32Array.from(picked(new Float64Array(slots.count), vector.values, slots)))
        : bytesOf(picked(new Float64Array(slots.count), vector.values, slots))
    case 'boolean': {
      const bits = new Uint8Array((slots.count + 7) >> 3)
      for (let index = 0; index < slots.count; index++)
        if (vector.values[slots.at(index)] === 1) bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7))
      return bits
    }
    case 'list':
    case 'struct':
      return assert(false, 'a leaf has no nested vector') as never
  }
}

function picked<A extends { [slot: number]: unknown; set(values: A): void; subarray(from: number, to: number): A }>(
  into: A,
  values: A,
  slots: Slots,
): A {
  if (slots.first !== undefined) into.set(values.subarray(slots.first, slots.first + slots.count))
  else for (let index = 0; index < slots.count; index++) into[index] = values[slots.at(index)]
  return into
}

/** Shorter ones are copied faster byte by byte. */
const shortBytes = 24

function plainBytes({ offsets, bytes }: BytesVector, slots: Slots): Uint8Array {
  let total = 4 * slots.count
  for (let index = 0; index < slots.count; index++) {
    const slot = slots.at(index)
    total += (offsets[slot + 1] as number) - (offsets[slot] as number)
  }
  const out = new Uint8Array(total)
  let at = 0
  for (let index = 0; index < slots.count; index++) {
    const slot = slots.at(index)
    const [from, to] = [offsets[slot] as number, offsets[slot + 1] as number]
    const length = to - from
    out[at++] = length & 255
    out[at++] = (length >>> 8) & 255
    out[at++] = (length >>> 16) & 255
    out[at++] = length >>> 24
    if (length > shortBytes) {
      out.set(bytes.subarray(from, to), at)
      at += length
    } else for (let each = from; each < to; each++) out[at++] = bytes[each] as number
  }
  return out
}

/** `count` times the same level, of less than 8 bits. */
function levelRun(level: number, count: number): Uint8Array {
  const out: number[] = [0, 0, 0, 0]
  let rest = count * 2
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128)
  out.push(rest, level)
  out[0] = out.length - 4
  return Uint8Array.from(out)
}

/** Levels as the hybrid of run-length encoding and bit packing, behind their length: runs of 8 and more, groups of 8 between them. */
function levelRuns(levels: Uint8Array, levelMax: number): Uint8Array {
  const bitWidth = 32 - Math.clz32(levelMax)
  const out: number[] = [0, 0, 0, 0]
  const uleb = (value: number): void => {
    let rest = value
    for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128)
    out.push(rest)
  }
  let packedFrom = 0
  const pack = (to: number): void => {
    if (to === packedFrom) return
    const groups = Math.ceil((to - packedFrom) / 8)
    uleb((groups << 1) | 1)
    let held = 0
    let heldBits = 0
    for (let index = packedFrom; index < packedFrom + groups * 8; index++) {
      held |= (index < to ? (levels[index] as number) : 0) << heldBits
      heldBits += bitWidth
      for (; heldBits >= 8; heldBits -= 8, held >>>= 8) out.push(held & 255)
    }
  }
  for (let from = 0; from < levels.length;) {
    let to = from
    while (to < levels.length && levels[to] === levels[from]) to++
    // A run after packed levels begins at a whole group of them.
    const start = from + ((8 - ((from - packedFrom) & 7)) & 7)
    if (to - start >= 8) {
      pack(start)
      uleb((to - start) << 1)
      out.push(levels[from] as number)
      packedFrom = to
    }
    from = to
  }
  pack(levels.length)
  const length = out.length - 4
  for (let index = 0; index < 4; index++) out[index] = (length >>> (8 * index)) & 255
  return Uint8Array.from(out)
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const bytes = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
