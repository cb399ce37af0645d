import type { BytesVector, ColumnVector } from '../column-batch.ts'
import { isPresent } from './read-vector.ts'

/** The slots named, in that order, as a vector of its own. */
export function takeSlots(vector: ColumnVector, slots: Int32Array): ColumnVector {
  const base = presenceOf(vector, slots)
  switch (vector.kind) {
    case 'string':
    case 'binary':
      return { kind: vector.kind, ...base, ...bytesOf(vector, slots) }
    case 'long':
    case 'timestamp':
      return { kind: vector.kind, ...base, values: picked(new BigInt64Array(slots.length), vector.values, slots) }
    case 'integer':
    case 'date':
      return { kind: vector.kind, ...base, values: picked(new Int32Array(slots.length), vector.values, slots) }
    case 'double':
      return { kind: 'double', ...base, values: picked(new Float64Array(slots.length), vector.values, slots) }
    case 'boolean':
      return { kind: 'boolean', ...base, values: picked(new Uint8Array(slots.length), vector.values, slots) }
    case 'struct':
      return { kind: 'struct', ...base, children: vector.children.map((child) => takeSlots(child, slots)) }
    case 'list': {
      const offsets = new Int32Array(slots.length + 1)
      let total = 0
      for (let index = 0; index < slots.length; index++) {
        const slot = slots[index] as number
        if (isPresent(vector, slot)) total += (vector.offsets[slot + 1] as number) - (vector.offsets[slot] as number)
        offsets[index + 1] = total
      }
      const items = new Int32Array(total)
      let at = 0
      for (let index = 0; index < slots.length; index++) {
        const count = (offsets[index + 1] as number) - (offsets[index] as number)
        const from = vector.offsets[slots[index] as number] as number
        for (let item = 0; item < count; item++) items[at++] = from + item
      }
      return { kind: 'list', ...base, offsets, child: takeSlots(vector.child, items) }
    }
  }
}

interface Presence {
  readonly length: number
  readonly nullCount: number
  readonly validity?: Uint8Array
}

function presenceOf(vector: ColumnVector, slots: Int32Array): Presence {
  const { length } = slots
  if (vector.nullCount === 0) return { length, nullCount: 0 }
  const validity = new Uint8Array((length + 7) >> 3)
  let nullCount = 0
  for (let index = 0; index < length; index++) {
    if (isPresent(vector, slots[index] as number))
      validity[index >> 3] = (validity[index >> 3] as number) | (1 << (index & 7))
    else nullCount++
  }
  return nullCount === 0 ? { length, nullCount } : { length, nullCount, validity }
}

function picked<A extends { [slot: number]: unknown }>(into: A, from: A, slots: Int32Array): A {
  for (let index = 0; index < slots.length; index++) into[index] = from[slots[index] as number]
  return into
}

function bytesOf(vector: BytesVector, slots: Int32Array): { offsets: Int32Array; bytes: Uint8Array } {
  const offsets = new Int32Array(slots.length + 1)
  let total = 0
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index] as number
    total += (vector.offsets[slot + 1] as number) - (vector.offsets[slot] as number)
    offsets[index + 1] = total
  }
  const bytes = new Uint8Array(total)
  // Slots that stand beside each other are copied at once.
  for (let index = 0; index < slots.length;) {
    const first = slots[index] as number
    const at = offsets[index] as number
    let last = first
    while (++index < slots.length && slots[index] === last + 1) last++
    bytes.set(vector.bytes.subarray(vector.offsets[first], vector.offsets[last + 1]), at)
  }
  return { offsets, bytes }
}
