import { assert, type ColumnBatch, type StructType } from '@silt/core'
import type { Engine } from '../wasm/engine.ts'
import type { Address, LeafHandle } from '../wasm/exports.ts'
import type { FileBuilder } from './file-builder.ts'
import { carries, valueBytes, type Vector } from './leaf-vector.ts'
import type { LeafColumn } from './schema-tree.ts'
import { shred, type LeafSlots } from './shred.ts'

/** Rows handed over at a time: what bounds the copies in the plane, and how finely row groups are cut. */
const stepRowsMax = 4096
const stepBytesMax = 8 * 1024 * 1024

/** Vectors by the fields of a schema, as a batch has them, wide decimals too. */
export interface Rows {
  readonly schema: StructType
  readonly rowCount: number
  readonly columns: readonly Vector[]
}

/**
 * Appends a batch to a file whose schema begins with the batch's fields; columns behind them get nulls.
 *
 * 1. A vector's slots cover the batch, and its kind carries its field's type: else `internal/assertion`.
 * 2. A null in a column that takes none is `parquet/value-does-not-fit` (invalid).
 */
export function importBatch(engine: Engine, file: FileBuilder, batch: ColumnBatch | Rows, pageRowsMax: number): void {
  const { schema, rowCount, columns } = batch
  assert(schema.fields.length === columns.length, 'a column batch has one vector a field')
  assert(
    columns.every((vector) => vector.length === rowCount),
    'every vector has rowCount slots',
  )
  assert(
    columns.every((vector) => vector.nullCount === 0 || vector.validity !== undefined),
    'a vector with nulls has a validity bitmap',
  )
  const step = stepRows(columns, rowCount)
  const into = new LeafImport(engine, pageRowsMax)
  for (let from = 0, to = 0; from < rowCount; from = to) {
    to = stepEnd(columns, from, Math.min(rowCount, from + Math.min(step, file.rowsLeft)))
    let position = 0
    schema.fields.forEach((field, index) => {
      const vector = columns[index]
      assert(vector !== undefined, 'a column batch has one vector a field')
      const next = () => {
        const target = file.leaves[position++]
        assert(target !== undefined, 'the file has a leaf for every column')
        return target
      }
      // Of a column that takes no nulls, shredding finds those there are.
      if (typeof field.type === 'string' && (field.nullable || vector.nullCount === 0)) {
        assert(carries(vector.kind, field.type), `column ${field.name} is not ${vector.kind}`)
        into.flat(next(), vector, from, to)
      } else
        for (const slots of shred(field.name, field.type, field.nullable, vector, from, to)) into.nested(next(), slots)
    })
    for (const { handle } of file.leaves.slice(position)) engine.exports.appendNulls(handle, to - from, pageRowsMax)
    file.addRows(to - from)
  }
}

/** So many rows that a step's bytes stay bounded where rows are alike. */
function stepRows(columns: readonly Vector[], rowCount: number): number {
  const bytes = columns.reduce((sum, vector) => sum + bytesOf(vector), 0)
  const rows = Math.floor((stepBytesMax * rowCount) / Math.max(1, bytes))
  return Math.max(1, Math.min(stepRowsMax, rows))
}

/** Fewer rows where some are much larger than others. */
function stepEnd(columns: readonly Vector[], from: number, end: number): number {
  let to = end
  for (const vector of columns) {
    if (vector.kind !== 'string' && vector.kind !== 'binary') continue
    const { offsets } = vector
    while (to - from > 1 && (offsets[to] ?? 0) - (offsets[from] ?? 0) > stepBytesMax) to = from + ((to - from) >> 1)
  }
  return to
}

function bytesOf(vector: Vector): number {
  switch (vector.kind) {
    case 'string':
    case 'binary':
      return (vector.offsets[vector.length] ?? 0) + vector.length * 8
    case 'list':
      return bytesOf(vector.child) + vector.length * 8
    case 'struct':
      return vector.children.reduce((sum, child) => sum + bytesOf(child), 0)
    default:
      return vector.length * 16
  }
}

interface Target {
  readonly leaf: LeafColumn
  readonly handle: LeafHandle
}

/** Copies slots into the plane and has them appended. */
class LeafImport {
  readonly #engine: Engine
  readonly #pageRowsMax: number

  constructor(engine: Engine, pageRowsMax: number) {
    this.#engine = engine
    this.#pageRowsMax = pageRowsMax
  }

  /** A column of the top level: levels are its validity. */
  flat(target: Target, vector: Vector, from: number, to: number): void {
    const count = to - from
    const { validity } = vector
    let levels: Address = 0
    if (vector.nullCount > 0 && validity !== undefined) {
      const bits = this.#engine.copyIn(validity.subarray(from >> 3, (to + 7) >> 3))
      levels = this.#engine.exports.alloc(count) >>> 0
      this.#engine.exports.levelsOfBits(bits, from & 7, count, target.leaf.levelMax, levels)
      this.#engine.exports.release(bits)
    }
    this.#append(target, vector, from, to, { count, levels, repeats: 0, picks: 0 })
  }

  nested(target: Target, slots: LeafSlots): void {
    const { count, vector } = slots
    let first = -1
    let last = -1
    for (const pick of slots.picks) {
      if (pick < 0) continue
      if (first < 0) first = pick
      last = pick
    }
    const from = Math.max(0, first)
    const picks = slots.picks.map((pick) => Math.max(0, pick - from))
    this.#append(target, vector, from, last + 1, {
      count,
      levels: this.#engine.copyIn(slots.levels),
      repeats: target.leaf.repeatMax > 0 ? this.#engine.copyIn(slots.repeats) : 0,
      picks: this.#engine.copyIn(new Uint8Array(picks.buffer)),
    })
  }

  #append(
    { leaf, handle }: Target,
    vector: Vector,
    from: number,
    to: number,
    slots: { readonly count: number; readonly levels: Address; readonly repeats: Address; readonly picks: Address },
  ): void {
    const { exports } = this.#engine
    const values = from < to ? this.#engine.copyIn(valueBytes(vector, leaf, from, to)) : 0
    let offsets: Address = 0
    let base: Address = values
    if (from < to && (vector.kind === 'string' || vector.kind === 'binary')) {
      const spanned = vector.offsets.subarray(from, to + 1)
      offsets = this.#engine.copyIn(new Uint8Array(spanned.buffer, spanned.byteOffset, spanned.byteLength))
      // Offsets count from the vector's first byte, not from the first that is here; addresses wrap.
      base = (values - (spanned[0] ?? 0)) >>> 0
    }
    exports.importSlots(handle, slots.count, slots.levels, slots.repeats, slots.picks, base, offsets, this.#pageRowsMax)
    for (const at of [values, offsets, slots.levels, slots.repeats, slots.picks]) exports.release(at)
  }
}
