import { assert, type ColumnBatch, type ColumnVector, type DataType, type ListVector } from '@silt/core'
import { entryType } from './file-schema.ts'

/** What a leaf has of a batch (Dremel): an entry a slot, a list without items having one too. */
export interface LeafEntries {
  readonly vector: ColumnVector
  readonly count: number
  /** Definition level of each entry, or of all of them. */
  readonly levels: Uint8Array | number
  /** Repetition level of each entry; undefined where all are 0. */
  readonly repeats: Uint8Array | undefined
  /** The vector's slot of each entry, -1 where it has no value; undefined where each entry is its own slot. */
  readonly picks: Int32Array | 'none' | undefined
}

/** The batch's leaves, in the schema's order. Lists are not within lists. */
export function shred(batch: ColumnBatch): LeafEntries[] {
  const leaves: LeafEntries[] = []
  batch.schema.fields.forEach(({ type, nullable }, index) => {
    const vector = batch.columns[index]
    assert(vector?.length === batch.rowCount, 'a batch has a vector of its rows for every field')
    descend(
      leaves,
      type,
      nullable,
      { vector, count: batch.rowCount, levels: 0, repeats: undefined, picks: undefined },
      0,
    )
  })
  return leaves
}

/** `level`: of what is above. */
function descend(leaves: LeafEntries[], type: DataType, isNullable: boolean, above: LeafEntries, level: number): void {
  const entries = present(above, isNullable, level)
  const own = level + (isNullable ? 1 : 0)
  const { vector } = entries
  if (typeof type === 'string') {
    leaves.push(entries)
  } else if (type.type === 'struct') {
    assert(vector.kind === 'struct', 'a struct has a struct vector')
    type.fields.forEach((each, index) => {
      const child = vector.children[index]
      assert(child !== undefined, 'a struct vector has one child a field')
      descend(leaves, each.type, each.nullable, { ...entries, vector: child }, own)
    })
  } else {
    assert(vector.kind === 'list', 'a list or map has a list vector')
    const items = itemsOf(entries, vector, own)
    if (type.type === 'array') {
      descend(leaves, type.elementType, type.containsNull, items, own + 1)
      return
    }
    const { child } = vector
    assert(child.kind === 'struct', 'the entries of a map are structs')
    entryType(type).fields.forEach((each, index) => {
      const held = child.children[index]
      assert(held !== undefined, 'the entries of a map have keys and values')
      descend(leaves, each.type, each.nullable, { ...items, vector: held }, own + 1)
    })
  }
}

/** One level deeper where the vector has a value. */
function present(above: LeafEntries, isNullable: boolean, level: number): LeafEntries {
  const { vector, count } = above
  const { validity, nullCount } = vector
  const own = level + (isNullable ? 1 : 0)
  if (above.picks === 'none') return above
  if (above.picks === undefined && typeof above.levels === 'number' && nullCount === vector.length && nullCount > 0) {
    assert(isNullable, 'a column that takes no nulls has none')
    return { ...above, picks: 'none' }
  }
  if (nullCount === 0 || validity === undefined) {
    if (!isNullable) return above
    if (above.picks === undefined) return { ...above, levels: own }
  } else assert(isNullable, 'a column that takes no nulls has none')
  const levels = spread(above.levels, count)
  const picks = new Int32Array(count)
  for (let entry = 0; entry < count; entry++) {
    const pick = slotAt(above, entry)
    const isHere =
      pick >= 0 &&
      (nullCount === 0 || validity === undefined || ((validity[pick >> 3] as number) & (1 << (pick & 7))) !== 0)
    picks[entry] = isHere ? pick : -1
    if (isHere) levels[entry] = own
  }
  return { ...above, levels, picks }
}

function itemsOf(above: LeafEntries, { offsets, child }: ListVector, level: number): LeafEntries {
  if (above.picks === 'none') return { ...above, vector: child }
  let count = 0
  for (let entry = 0; entry < above.count; entry++) count += Math.max(1, lengthAt(above, offsets, entry))
  const levels = new Uint8Array(count)
  const repeats = new Uint8Array(count)
  const picks = new Int32Array(count)
  let at = 0
  for (let entry = 0; entry < above.count; entry++) {
    const length = lengthAt(above, offsets, entry)
    if (length === 0) {
      levels[at] = typeof above.levels === 'number' ? above.levels : (above.levels[entry] as number)
      picks[at++] = -1
      continue
    }
    const from = offsets[slotAt(above, entry)] as number
    for (let item = 0; item < length; item++) {
      levels[at] = level + 1
      repeats[at] = item === 0 ? 0 : 1
      picks[at++] = from + item
    }
  }
  return { vector: child, count, levels, repeats, picks }
}

function slotAt({ picks }: LeafEntries, entry: number): number {
  if (picks === undefined) return entry
  return picks === 'none' ? -1 : (picks[entry] as number)
}

function lengthAt(entries: LeafEntries, offsets: Int32Array, entry: number): number {
  const pick = slotAt(entries, entry)
  return pick < 0 ? 0 : (offsets[pick + 1] as number) - (offsets[pick] as number)
}

function spread(levels: Uint8Array | number, count: number): Uint8Array {
  return typeof levels === 'number' ? new Uint8Array(count).fill(levels) : levels.slice()
}
