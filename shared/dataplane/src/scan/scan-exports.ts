import type { Address, LeafHandle } from '../wasm/address.ts'

/** A `Slab` in the plane's memory (assembly/slab/slab.ts). */
export type SlabHandle = number
/** A `Plan` in the plane's memory (assembly/json/plan.ts). */
export type PlanHandle = number
/** A `Part` in the plane's memory (assembly/json/part.ts). */
export type PartHandle = number

/** What build/plane.wasm exports to read JSON (assembly/slab, assembly/json). Wrong arguments are not found out: callers bound them. */
export interface ScanExports {
  readonly newSlab: (records: number) => SlabHandle
  readonly clearSlab: (slab: SlabHandle) => void
  readonly releaseSlab: (slab: SlabHandle) => void
  readonly reserveRecords: (slab: SlabHandle, records: number) => void
  readonly newPlan: (recordBytesMax: number, cutAtMs: number, isPartitioned: number) => PlanHandle
  readonly addPlanColumn: (
    plan: PlanHandle,
    key: Address,
    keyLength: number,
    form: number,
    role: number,
    type: number,
    isRequired: number,
  ) => number
  readonly setFallback: (plan: PlanHandle, column: number, text: Address, length: number) => void
  readonly setBounds: (plan: PlanHandle, column: number, min: bigint, max: bigint) => void
  readonly setDecimal: (plan: PlanHandle, column: number, scale: number, precision: number) => void
  readonly releasePlan: (plan: PlanHandle) => void
  readonly newPart: (day: number, rowsMax: number) => PartHandle
  readonly addLeaf: (part: PartHandle, leaf: LeafHandle) => void
  readonly addPart: (plan: PlanHandle, part: PartHandle) => void
  readonly releasePart: (part: PartHandle) => void
  readonly scan: (plan: PlanHandle, slab: SlabHandle, from: number, to: number) => number
  readonly wantedDay: () => number
}
