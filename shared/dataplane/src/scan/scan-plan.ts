import { provenanceColumns } from '@silt/contracts'
import { assert, type EncodeSpec, type StructField, type StructType } from '@silt/core'
import { columnForm, eventSchemaFor, planColumn } from '@silt/rows'
import { logicalTypeOf } from '../parquet/logical-types.ts'
import type { Engine } from '../wasm/engine.ts'
import type { LeafHandle } from '../wasm/exports.ts'
import type { PartHandle, PlanHandle, SlabHandle } from './scan-exports.ts'

/** Longer records are left to the exact path, so that what the scanner sets aside for unescaped text has a bound. */
const scannedBytesMax = 1024 * 1024

/** Numbers of assembly/json/plan.ts. */
const formNone = 9
const roles: Readonly<Record<string, number>> = { timestamp: 1, _partition: 2, _offset: 3, _kafka_timestamp: 4 }

/**
 * How the plane reads the records of one unit: which columns its rows have and how JSON fills them, by the rules of @silt/rows.
 *
 * 1. `columns[i]` is the field of leaf i of every part; columns are only ever appended.
 * 2. A column whose values JSON and provenance never fill (nested, partition columns) has no leaf: it is left out of the files and reads as null.
 *
 * `rows/column-differs` (`unsupported`) as @silt/rows has it.
 */
export class ScanPlan {
  readonly #engine: Engine
  readonly #handle: PlanHandle
  readonly #columns: StructField[] = []
  readonly #parts: PartHandle[] = []

  constructor(engine: Engine, spec: EncodeSpec) {
    this.#engine = engine
    const isPartitioned = spec.partitionColumns.length > 0
    this.#handle = engine.exports.newPlan(
      Math.min(spec.recordBytesMax, scannedBytesMax),
      spec.cutAtMs,
      isPartitioned ? 1 : 0,
    )
    const schema: StructType = eventSchemaFor(spec.schema, spec.layout?.columnMapping)
    const constants = new Map([
      ['_topic', spec.topic],
      ['_topic_id', spec.topicId],
    ])
    for (const field of schema.fields)
      if (!spec.partitionColumns.includes(field.name)) this.#add(field, constants.get(field.name) ?? null)
  }

  get columns(): readonly StructField[] {
    return this.#columns
  }

  /** A column that was added to the schema; false if nothing fills it. Every part has to be given its leaf, `addLeaf`, before the next scan. */
  addColumn(field: StructField): boolean {
    return this.#add(field, null)
  }

  /**
   * Rows go there from now on: those of the day (days since 1970-01-01), or all of them where the table is not partitioned. `leaves`: one a column, empty.
   * The caller keeps and releases them.
   */
  addPart(day: number, leaves: readonly LeafHandle[], pageRowsMax: number): PartHandle {
    const { exports } = this.#engine
    const part = exports.newPart(day, pageRowsMax)
    for (const leaf of leaves) exports.addLeaf(part, leaf)
    exports.addPart(this.#handle, part)
    this.#parts.push(part)
    return part
  }

  /** The leaf of the column last added, with a null for every row of the part (`rowCount`). */
  addLeaf(part: PartHandle, leaf: LeafHandle): void {
    this.#engine.exports.addLeaf(part, leaf)
  }

  rowCount(part: PartHandle): number {
    return this.#engine.words[part >> 2]!
  }

  /**
   * Takes the slab's records `from .. to` and notes what became of each. Returns the first it did not take: `to`, or before that one whose day has no part
   * yet, `wantedDay`.
   */
  scan(slab: SlabHandle, from: number, to: number): number {
    return this.#engine.exports.scan(this.#handle, slab, from, to) >>> 0
  }

  get wantedDay(): number {
    return this.#engine.exports.wantedDay()
  }

  /** Frees what the plan and its parts hold in the plane's memory, not the leaves. */
  release(): void {
    for (const part of this.#parts) this.#engine.exports.releasePart(part)
    this.#engine.exports.releasePlan(this.#handle)
  }

  #add(field: StructField, constant: string | null): boolean {
    const plan = planColumn(field)
    if (plan === undefined && !isProvenance(field.name)) return false
    const key = plan === undefined ? null : keyOf(field.name)
    const { exports } = this.#engine
    const column = this.#lend(key, (at, length) =>
      exports.addPlanColumn(
        this.#handle,
        at,
        length,
        plan?.form ?? formNone,
        roles[field.name] ?? 0,
        physicalTypeOf(field),
        field.nullable ? 0 : 1,
      ),
    )
    const fallback = plan === undefined ? (constant === null ? undefined : Buffer.from(constant)) : plan.fallback
    if (fallback !== undefined)
      this.#lend(fallback, (at, length) => exports.setFallback(this.#handle, column, at, length))
    if (plan?.form === columnForm.integer) exports.setBounds(this.#handle, column, plan.min, plan.max)
    if (plan?.form === columnForm.decimal) exports.setDecimal(this.#handle, column, plan.scale, plan.precision)
    this.#columns.push(field)
    return true
  }

  /** Bytes in the plane's memory for the time of a call, which copies them. */
  #lend<T>(bytes: Uint8Array | null, use: (at: number, length: number) => T): T {
    if (bytes === null) return use(0, 0)
    const at = this.#engine.copyIn(bytes)
    const result = use(at, bytes.length)
    this.#engine.exports.release(at)
    return result
  }
}

function isProvenance(name: string): boolean {
  return name === '_rescued' || provenanceColumns.some((each) => each === name)
}

/** The key as compact JSON has it; null for a name that JSON spells with escapes: records with escaped keys are refused. */
function keyOf(name: string): Uint8Array | null {
  const json = JSON.stringify(name)
  return json === `"${name}"` ? Buffer.from(`${json}:`) : null
}

/** By which the plane appends. */
function physicalTypeOf(field: StructField): number {
  const physical = typeof field.type === 'string' ? logicalTypeOf(field.type)?.physical : undefined
  assert(physical !== undefined, 'what JSON or provenance fills has a primitive type')
  return physical
}
