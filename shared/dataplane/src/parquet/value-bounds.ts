import type { PlanePage } from '../wasm/exports.ts'
import { physicalType, type PhysicalType } from './format.ts'
import { cutAtCharacter, raised } from './text-cut.ts'
import type { LeafColumn } from './schema-tree.ts'

/**
 * Smallest and largest value of a page, chunk or file, PLAIN without a length (parquet.thrift `Statistics.min_value`).
 *
 * 1. No value but NaN lies outside. -0 lies below 0 here.
 * 2. A string beyond 256 bytes is held as its first 256: `isMinCut`, `isMaxCut`.
 */
export interface ValueBounds {
  readonly min: Buffer
  readonly max: Buffer
  readonly isMinCut: boolean
  readonly isMaxCut: boolean
}

const heldBytesMax = 256
/** Longer bounds are cut in statistics and page index. */
const boundBytesMax = 64

/** What a page's report says; undefined where it has no bounds. */
export function boundsOfPage(memory: Buffer, page: PlanePage): ValueBounds | undefined {
  if ((page.flags & 1) === 0) return undefined
  const held = (at: number, length: number) => Buffer.from(memory.subarray(at, at + Math.min(length, heldBytesMax)))
  return {
    min: held(page.minAt, page.minLength),
    max: held(page.maxAt, page.maxLength),
    isMinCut: page.minLength > heldBytesMax,
    isMaxCut: page.maxLength > heldBytesMax,
  }
}

/** Bounds of both together. */
export function union(
  physical: PhysicalType,
  left: ValueBounds | undefined,
  right: ValueBounds | undefined,
): ValueBounds | undefined {
  if (left === undefined || right === undefined) return left ?? right
  const low = compareValues(physical, right.min, left.min) < 0 ? right : left
  // Of two that are alike so far, the one that goes on is the larger.
  const order = compareValues(physical, right.max, left.max)
  const high = order > 0 || (order === 0 && right.isMaxCut) ? right : left
  return { min: low.min, isMinCut: low.isMinCut, max: high.max, isMaxCut: high.isMaxCut }
}

/** Order of two values by their type's defined order (parquet.thrift `TypeDefinedOrder`). */
export function compareValues(physical: PhysicalType, left: Buffer, right: Buffer): number {
  switch (physical) {
    case physicalType.boolean:
      return left.readUInt8() - right.readUInt8()
    case physicalType.int32:
      return left.readInt32LE() - right.readInt32LE()
    case physicalType.int64:
      return sign(left.readBigInt64LE(), right.readBigInt64LE())
    case physicalType.float:
      return compareFloats(left.readFloatLE(), right.readFloatLE())
    case physicalType.double:
      return compareFloats(left.readDoubleLE(), right.readDoubleLE())
    case physicalType.byteArray:
      return left.compare(right)
    case physicalType.fixedLenByteArray:
      return left.readInt8() - right.readInt8() || left.compare(right)
  }
}

/** A bound as Parquet's metadata spells it; `isExact`: the value itself. */
export interface WrittenBound {
  readonly value: Buffer
  readonly isExact: boolean
}

/** The lower bound: zeros become -0, which readers may order below 0; strings are cut, which sorts no later. */
export function writtenMin(leaf: LeafColumn, bounds: ValueBounds): WrittenBound {
  const { min } = bounds
  if (isFloat(leaf.physical)) return { value: asZero(leaf.physical, min, -0), isExact: true }
  if (leaf.physical !== physicalType.byteArray || (min.byteLength <= boundBytesMax && !bounds.isMinCut))
    return { value: min, isExact: true }
  return { value: min.subarray(0, cutAt(leaf, min)), isExact: false }
}

/** The upper bound: zeros become +0; strings are cut and raised, so that they sort no earlier. Undefined where none can be raised. */
export function writtenMax(leaf: LeafColumn, bounds: ValueBounds): WrittenBound | undefined {
  const { max } = bounds
  if (isFloat(leaf.physical)) return { value: asZero(leaf.physical, max, 0), isExact: true }
  if (leaf.physical !== physicalType.byteArray || (max.byteLength <= boundBytesMax && !bounds.isMaxCut))
    return { value: max, isExact: true }
  const value = raised(max.subarray(0, cutAt(leaf, max)), leaf.type === 'string')
  return value === undefined ? undefined : { value, isExact: false }
}

function cutAt(leaf: LeafColumn, bytes: Buffer): number {
  return leaf.type === 'string' ? cutAtCharacter(bytes, boundBytesMax) : boundBytesMax
}

function isFloat(physical: PhysicalType): boolean {
  return physical === physicalType.float || physical === physicalType.double
}

function asZero(physical: PhysicalType, value: Buffer, zero: number): Buffer {
  const isDouble = physical === physicalType.double
  if ((isDouble ? value.readDoubleLE() : value.readFloatLE()) !== 0) return value
  const bytes = Buffer.alloc(value.byteLength)
  if (isDouble) bytes.writeDoubleLE(zero)
  else bytes.writeFloatLE(zero)
  return bytes
}

function compareFloats(left: number, right: number): number {
  if (left !== right) return left < right ? -1 : 1
  return left === 0 ? (Object.is(left, -0) ? -1 : 1) - (Object.is(right, -0) ? -1 : 1) : 0
}

function sign(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0
}
