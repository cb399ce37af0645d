import { assert, type EncodeSpec, type RecordSlab } from '@silt/core'
import { logicalTypeOf } from '../../src/parquet/logical-types.ts'
import { ScanPlan } from '../../src/scan/scan-plan.ts'
import { SlabView, fillSlab } from '../../src/scan/slab-view.ts'
import type { Engine } from '../../src/wasm/engine.ts'
import { ReadLeaf, type LeafValues } from './leaf-reader.ts'

/** Rows the scanner took from records, by day (0 where the table is not partitioned), and what became of each record. */
export interface Scanned {
  readonly outcomes: Uint8Array
  readonly parts: ReadonlyMap<number, readonly LeafValues[]>
  readonly columns: readonly string[]
}

/** Days after which records of further ones are left pending. */
const partsMax = 24
/** Of assembly/memory.ts and assembly/slab/slab.ts. */
const SLACK = 64
const BYTES_WORD = 7

/** What may stand behind a record: what would go on with a number, a string, an escape, a character, white space, an object. */
const neighbours = ['1"}', '",}', '0', 'ab\\', '\ud7ff', '\u0080', ' ', '}', '\\u0041"', '\0', 'l"}'].map((text) =>
  Buffer.from(text),
)

/** Scans records as a slab would hold them, each right behind the other. Records of a day too many are left pending. */
export function scanRecords(engine: Engine, spec: EncodeSpec, slab: RecordSlab, encoding = 8): Scanned {
  return withPlan(engine, spec, slab, encoding, (plan, view, addPart) => {
    const at = placeAtEnd(engine, view.handle, slab.bytes, 0, neighbours[0]!)
    let parts = spec.partitionColumns.length === 0 ? 1 : 0
    for (let next = 0; next < slab.count;) {
      next = plan.scan(view.handle, next, slab.count)
      if (next === slab.count) break
      if (parts++ < partsMax) addPart(plan.wantedDay)
      else next++
    }
    assert(isUntouched(engine, slab.bytes, at), 'the bytes are as they were')
  })
}

/** Scans each record where the memory ends behind it, but for the slack that every block has: a read beyond that traps. `seed` says what stands in it. */
export function scanAlone(engine: Engine, spec: EncodeSpec, slab: RecordSlab, encoding: number, seed: number): Scanned {
  return withPlan(engine, spec, slab, encoding, (plan, view, addPart) => {
    let parts = spec.partitionColumns.length === 0 ? 1 : 0
    for (let index = 0; index < slab.count; index++) {
      const from = Math.max(slab.valueStarts[index]!, 0)
      const bytes = slab.bytes.subarray(from, Math.max(slab.valueEnds[index]!, 0))
      const at = placeAtEnd(engine, view.handle, bytes, from, neighbours[(seed + index) % neighbours.length]!)
      while (plan.scan(view.handle, index, index + 1) === index && parts++ < partsMax) addPart(plan.wantedDay)
      assert(isUntouched(engine, bytes, at), 'the bytes are as they were')
    }
  })
}

type AddPart = (day: number) => void

function withPlan(
  engine: Engine,
  spec: EncodeSpec,
  slab: RecordSlab,
  encoding: number,
  scan: (plan: ScanPlan, view: SlabView, addPart: AddPart) => void,
): Scanned {
  const plan = new ScanPlan(engine, spec)
  const view = new SlabView(engine, engine.exports.newSlab(1))
  const block = fillSlab(engine, view.handle, slab)
  const parts = new Map<number, ReadLeaf[]>()
  const addPart: AddPart = (day) => {
    const leaves = plan.columns.map((field) => {
      const physical = typeof field.type === 'string' ? logicalTypeOf(field.type)?.physical : undefined
      assert(physical !== undefined, 'columns are primitive')
      return new ReadLeaf(engine, physical, physical === 6 ? encoding : 0)
    })
    const handles = leaves.map((leaf) => leaf.handle)
    plan.addPart(day, handles, 100)
    parts.set(day, leaves)
  }
  if (spec.partitionColumns.length === 0) addPart(0)
  scan(plan, view, addPart)
  const outcomes = Uint8Array.from(view.outcomes)
  const taken = new Map([...parts].map(([day, leaves]) => [day, leaves.map((leaf) => leaf.take())] as const))
  for (const leaf of [...parts.values()].flat()) leaf.release()
  plan.release()
  engine.exports.releaseSlab(view.handle)
  engine.exports.release(block)
  return { outcomes, parts: taken, columns: plan.columns.map((field) => field.name) }
}

/** The slab's bytes from `from` on at the very end of the memory, with the slack that every block has behind it and nothing behind that. */
function placeAtEnd(engine: Engine, handle: number, bytes: Uint8Array, from: number, neighbour: Buffer): number {
  const end = engine.bytes.length - SLACK
  engine.bytes.set(bytes, end - bytes.length)
  engine.bytes.fill(neighbour, end)
  engine.words[(handle >> 2) + BYTES_WORD] = end - bytes.length - from
  return end - bytes.length
}

function isUntouched(engine: Engine, bytes: Uint8Array, at: number): boolean {
  return engine.bytes.compare(bytes, 0, bytes.length, at, at + bytes.length) === 0
}
