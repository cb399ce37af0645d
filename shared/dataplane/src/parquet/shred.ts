import { SiltError, assert, type DataType, type StructType } from '@silt/core'
import { carries, type Vector } from './leaf-vector.ts'

/**
 * Slots of one leaf for some rows (parquet-format README § Nested Encoding).
 *
 * 1. `repeats[i]` is 0 where slot i begins a row.
 * 2. `picks[i]` is the index of slot i's value in `vector`, -1 where it has none; those there are ascend.
 */
export interface LeafSlots {
  readonly vector: Vector
  readonly count: number
  readonly levels: Uint8Array
  readonly repeats: Uint8Array
  readonly picks: Int32Array
}

/** The slots of rows `[from, to)` of a column, for each of its leaves in schema order. `parquet/value-does-not-fit` (invalid) for a null where none may be. */
export function shred(
  name: string,
  type: DataType,
  isNullable: boolean,
  vector: Vector,
  from: number,
  to: number,
): LeafSlots[] {
  const count = to - from
  const picks = new Int32Array(count)
  for (let slot = 0; slot < count; slot++) picks[slot] = from + slot
  const slots = { vector, count, levels: new Uint8Array(count), repeats: new Uint8Array(count), picks }
  const leaves: LeafSlots[] = []
  descend(leaves, { name, type, isNullable, level: 0, repeat: 0 }, slots)
  return leaves
}

interface Node {
  readonly name: string
  readonly type: DataType
  readonly isNullable: boolean
  /** Levels of what is above. */
  readonly level: number
  readonly repeat: number
}

function descend(leaves: LeafSlots[], node: Node, above: LeafSlots): void {
  assert(carries(above.vector.kind, node.type), `column ${node.name} is not ${above.vector.kind}`)
  const slots = present(node, above)
  const level = node.level + (node.isNullable ? 1 : 0)
  const { vector } = slots
  const { type } = node
  if (typeof type === 'string') {
    leaves.push(slots)
  } else if (type.type === 'struct') {
    assert(vector.kind === 'struct', `column ${node.name} is not a struct`)
    descendFields(leaves, type, vector.children, { ...node, level }, slots)
  } else {
    const inner = items(slots, level + 1, node.repeat + 1)
    const below = { level: level + 1, repeat: node.repeat + 1 }
    if (type.type === 'array') {
      const element = { name: `${node.name}.element`, type: type.elementType, isNullable: type.containsNull }
      descend(leaves, { ...element, ...below }, inner)
    } else {
      const entry = mapEntry(type.keyType, type.valueType, type.valueContainsNull)
      assert(inner.vector.kind === 'struct', `the entries of ${node.name} are no struct`)
      descendFields(leaves, entry, inner.vector.children, { ...node, ...below }, inner)
    }
  }
}

function descendFields(
  leaves: LeafSlots[],
  type: StructType,
  children: readonly Vector[],
  node: Node,
  slots: LeafSlots,
): void {
  type.fields.forEach((field, index) => {
    const vector = children[index]
    assert(vector !== undefined, 'a struct vector has one child a field')
    const { level, repeat } = node
    const name = `${node.name}.${field.name}`
    descend(leaves, { name, type: field.type, isNullable: field.nullable, level, repeat }, { ...slots, vector })
  })
}

function mapEntry(keyType: DataType, valueType: DataType, valueContainsNull: boolean): StructType {
  const key = { name: 'key', type: keyType, nullable: false, metadata: {} }
  const value = { name: 'value', type: valueType, nullable: valueContainsNull, metadata: {} }
  return { type: 'struct', fields: [key, value] }
}

/** One level deeper where the vector has a value. */
function present(node: Node, above: LeafSlots): LeafSlots {
  const { validity, nullCount } = above.vector
  const hasNulls = nullCount > 0 && validity !== undefined
  if (!node.isNullable && !hasNulls) return above
  const picks = above.picks.slice()
  const levels = above.levels.slice()
  for (let slot = 0; slot < above.count; slot++) {
    const pick = picks[slot] ?? -1
    if (pick < 0) continue
    if (hasNulls && ((validity[pick >> 3] ?? 0) & (1 << (pick & 7))) === 0) {
      if (!node.isNullable) throw nullIn(node.name)
      picks[slot] = -1
    } else if (node.isNullable) levels[slot] = node.level + 1
  }
  return { ...above, picks, levels }
}

/** A slot for each item; a list without any keeps one. */
function items(slots: LeafSlots, level: number, repeat: number): LeafSlots {
  const { vector } = slots
  assert(vector.kind === 'list', 'a list vector')
  const { offsets, child } = vector
  let count = 0
  for (const pick of slots.picks) count += pick < 0 ? 1 : Math.max(1, (offsets[pick + 1] ?? 0) - (offsets[pick] ?? 0))
  const levels = new Uint8Array(count)
  const repeats = new Uint8Array(count)
  const picks = new Int32Array(count)
  let out = 0
  for (let slot = 0; slot < slots.count; slot++) {
    const pick = slots.picks[slot] ?? -1
    const from = pick < 0 ? 0 : (offsets[pick] ?? 0)
    const to = pick < 0 ? 0 : (offsets[pick + 1] ?? 0)
    repeats[out] = slots.repeats[slot] ?? 0
    if (to <= from) {
      levels[out] = slots.levels[slot] ?? 0
      picks[out++] = -1
      continue
    }
    for (let item = from; item < to; item++) {
      if (item > from) repeats[out] = repeat
      levels[out] = level
      picks[out++] = item
    }
  }
  return { vector: child, count, levels, repeats, picks }
}

function nullIn(path: string): SiltError {
  return new SiltError('invalid', 'parquet/value-does-not-fit', `column ${path} takes no nulls`, { context: { path } })
}
