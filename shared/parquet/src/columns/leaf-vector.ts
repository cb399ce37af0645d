import type { ColumnVector, DataType } from '@silt/core'
import type { Leaf, Segment } from './leaf-cursor.ts'
import type { PageValues } from './page-values.ts'

/** Bytes one vector holds at most: offsets are 32 bits wide. */
const vectorBytesMax = 2 ** 31 - 1

/**
 * Slots of a leaf as a vector: those entries whose definition level is `slotLevel` or more, present at the leaf's own level.
 * Throws RangeError where a value does not fit the type.
 */
export function leafVector(leaf: Leaf, type: DataType, segments: readonly Segment[], slotLevel: number): ColumnVector {
  const slots = slotsOf(leaf, segments, slotLevel)
  switch (type) {
    case 'string':
    case 'binary':
      return { kind: type, ...slots.presence, ...bytesOf(leaf, segments, slotLevel, slots.presence.length) }
    case 'long':
      return { kind: 'long', ...slots.presence, values: longsOf(slots, segments) }
    case 'timestamp':
    case 'timestamp_ntz':
      return { kind: 'timestamp', ...slots.presence, values: longsOf(slots, segments) }
    case 'date':
      return { kind: 'date', ...slots.presence, values: integersOf(slots, segments) }
    case 'integer':
    case 'short':
    case 'byte':
      return { kind: 'integer', ...slots.presence, values: integersOf(slots, segments) }
    case 'float':
    case 'double': {
      const values = new Float64Array(slots.presence.length)
      scatter(slots, segments, values, (page) => {
        if (page.kind !== 'double') throw misfit(leaf, type)
        return page.values
      })
      return { kind: 'double', ...slots.presence, values }
    }
    case 'boolean': {
      const values = new Uint8Array(slots.presence.length)
      scatter(slots, segments, values, (page) => {
        if (page.kind !== 'boolean') throw misfit(leaf, type)
        return page.values
      })
      return { kind: 'boolean', ...slots.presence, values }
    }
    default:
      // Decimals, unscaled.
      if (typeof type === 'string') return { kind: 'long', ...slots.presence, values: longsOf(slots, segments) }
      throw misfit(leaf, type.type)
  }
}

interface Slots {
  readonly leaf: Leaf
  readonly slotLevel: number
  readonly presence: { readonly length: number; readonly nullCount: number; readonly validity?: Uint8Array }
}

function slotsOf(leaf: Leaf, segments: readonly Segment[], slotLevel: number): Slots {
  let length = 0
  let present = 0
  for (const { levels } of segments) {
    if (slotLevel === 0) length += levels.length
    for (let index = 0; index < levels.length; index++) {
      const level = levels[index] as number
      if (slotLevel > 0 && level >= slotLevel) length++
      if (level === leaf.levelMax) present++
    }
  }
  const nullCount = length - present
  if (nullCount === 0) return { leaf, slotLevel, presence: { length, nullCount } }
  return {
    leaf,
    slotLevel,
    presence: { length, nullCount, validity: validityAt(segments, slotLevel, leaf.levelMax, length) },
  }
}

/** One bit a slot: whether its level is `level` or more. */
export function validityAt(segments: readonly Segment[], slotLevel: number, level: number, length: number): Uint8Array {
  const validity = new Uint8Array((length + 7) >> 3)
  let slot = 0
  for (const { levels } of segments)
    for (let index = 0; index < levels.length; index++) {
      const found = levels[index] as number
      if (found < slotLevel) continue
      if (found >= level) validity[slot >> 3] = (validity[slot >> 3] as number) | (1 << (slot & 7))
      slot++
    }
  return validity
}

/** Puts the present values of all segments into their slots. */
function scatter<A extends { [slot: number]: unknown }>(
  { leaf, slotLevel, presence }: Slots,
  segments: readonly Segment[],
  into: A & { set(values: A, at: number): void; subarray(from: number, to: number): A },
  valuesOf: (page: PageValues) => A,
): void {
  let slot = 0
  for (const { levels, values: page, firstValue } of segments) {
    const values = valuesOf(page)
    if (presence.nullCount === 0) {
      into.set((values as typeof into).subarray(firstValue, firstValue + levels.length), slot)
      slot += levels.length
      continue
    }
    let value = firstValue
    for (let index = 0; index < levels.length; index++) {
      const level = levels[index] as number
      if (level < slotLevel) continue
      if (level === leaf.levelMax) into[slot] = values[value++]
      slot++
    }
  }
}

function longsOf(slots: Slots, segments: readonly Segment[]): BigInt64Array {
  const values = new BigInt64Array(slots.presence.length)
  scatter(slots, segments, values, (page) => {
    if (page.kind === 'long') return page.values
    if (page.kind === 'integer') return BigInt64Array.from(page.values, (value) => BigInt(value))
    throw misfit(slots.leaf, 'long')
  })
  return values
}

function integersOf(slots: Slots, segments: readonly Segment[]): Int32Array {
  const values = new Int32Array(slots.presence.length)
  scatter(slots, segments, values, (page) => {
    if (page.kind === 'integer') return page.values
    if (page.kind !== 'long') throw misfit(slots.leaf, 'integer')
    return Int32Array.from(page.values, (value) => {
      if (BigInt.asIntN(32, value) !== value) throw misfit(slots.leaf, 'integer')
      return Number(value)
    })
  })
  return values
}

function bytesOf(
  leaf: Leaf,
  segments: readonly Segment[],
  slotLevel: number,
  length: number,
): { readonly offsets: Int32Array; readonly bytes: Uint8Array } {
  const offsets = new Int32Array(length + 1)
  let slot = 0
  let total = 0
  for (const { levels, values, firstValue } of segments) {
    if (values.kind !== 'bytes') throw misfit(leaf, 'string')
    const { starts, ends } = values
    let value = firstValue
    for (let index = 0; index < levels.length; index++) {
      const level = levels[index] as number
      if (level < slotLevel) continue
      if (level === leaf.levelMax) {
        total += (ends[value] as number) - (starts[value] as number)
        value++
      }
      offsets[++slot] = total
    }
    if (total > vectorBytesMax) throw new RangeError(`column ${leaf.path.join('.')} has values too large to read`)
  }
  const bytes = new Uint8Array(total)
  let at = 0
  for (const { levels, values, firstValue } of segments) {
    if (values.kind !== 'bytes') continue
    let present = 0
    for (let index = 0; index < levels.length; index++) if (levels[index] === leaf.levelMax) present++
    at = copyValues(values, firstValue, firstValue + present, bytes, at)
  }
  return { offsets, bytes }
}

/** Shorter ones are copied faster byte by byte. */
const shortBytes = 24

function copyValues(
  { bytes, starts, ends }: Extract<PageValues, { kind: 'bytes' }>,
  from: number,
  to: number,
  into: Uint8Array,
  first: number,
): number {
  let at = first
  for (let value = from; value < to; value++) {
    const start = starts[value] as number
    const end = ends[value] as number
    if (end - start > shortBytes) {
      into.set(bytes.subarray(start, end), at)
      at += end - start
    } else for (let index = start; index < end; index++) into[at++] = bytes[index] as number
  }
  return at
}

function misfit(leaf: Leaf, type: string): RangeError {
  return new RangeError(`column ${leaf.path.join('.')} holds ${leaf.type}, not ${type}`)
}
