import { decimalOf } from '@silt/core'
import { physicalType } from './format.ts'
import type { LeafColumn } from './schema-tree.ts'
import { cutAtCodePoints, raised } from './text-cut.ts'
import type { ValueBounds } from './value-bounds.ts'

/** Code points kept of a text bound. */
const boundCodePointsMax = 32

/**
 * Bounds as JSON text; a side that has none is left out.
 *
 * Texts are cut to 32 code points: the minimum is a prefix, the maximum's last code point that can grow is raised. Timestamps are ISO milliseconds
 * that enclose the microseconds. NaN sorts above every number, so one takes the maximum away; infinities have no JSON. A zero maximum is positive.
 */
export function boundTexts(
  leaf: LeafColumn,
  bounds: ValueBounds,
  hasNan: boolean,
): { readonly min?: string | undefined; readonly max?: string | undefined } {
  const { min, max } = bounds
  const { type } = leaf
  switch (leaf.physical) {
    case physicalType.boolean:
      return {}
    case physicalType.byteArray:
      return type === 'string' ? { min: lowText(min), max: highText(bounds) } : {}
    case physicalType.float:
      return floatTexts(min.readFloatLE(), max.readFloatLE(), hasNan)
    case physicalType.double:
      return floatTexts(min.readDoubleLE(), max.readDoubleLE(), hasNan)
    case physicalType.int32: {
      const [low, high] = [min.readInt32LE(), max.readInt32LE()]
      return type === 'date'
        ? { min: dateText(low), max: dateText(high) }
        : integerTexts(leaf, BigInt(low), BigInt(high))
    }
    case physicalType.int64: {
      const [low, high] = [min.readBigInt64LE(), max.readBigInt64LE()]
      if (type !== 'timestamp' && type !== 'timestamp_ntz') return integerTexts(leaf, low, high)
      const zone = type === 'timestamp' ? 'Z' : ''
      return { min: timestampText(floorMs(low), zone), max: timestampText(-floorMs(-high), zone) }
    }
    case physicalType.fixedLenByteArray:
      return integerTexts(leaf, signedBigEndian(min), signedBigEndian(max))
  }
}

function lowText(min: Buffer): string {
  return JSON.stringify(min.subarray(0, cutAtCodePoints(min, boundCodePointsMax)).toString())
}

function highText({ max, isMaxCut }: ValueBounds): string | undefined {
  const cut = cutAtCodePoints(max, boundCodePointsMax)
  if (cut === max.byteLength && !isMaxCut) return JSON.stringify(max.toString())
  const high = raised(max.subarray(0, cut), true)
  return high === undefined ? undefined : JSON.stringify(high.toString())
}

function floatTexts(min: number, max: number, hasNan: boolean) {
  return {
    min: Number.isFinite(min) ? (Object.is(min, -0) ? '-0.0' : String(min)) : undefined,
    max: Number.isFinite(max) && !hasNan ? (max === 0 ? '0' : String(max)) : undefined,
  }
}

function integerTexts(leaf: LeafColumn, min: bigint, max: bigint) {
  const scale = decimalOf(leaf.type)?.scale ?? 0
  return { min: decimalText(min, scale), max: decimalText(max, scale) }
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const split = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, split)}${scale === 0 ? '' : `.${digits.slice(split)}`}`
}

function signedBigEndian(bytes: Buffer): bigint {
  return BigInt.asIntN(bytes.byteLength * 8, BigInt(`0x${bytes.toString('hex')}`))
}

function floorMs(micros: bigint): bigint {
  const quotient = micros / 1000n
  return micros % 1000n < 0n ? quotient - 1n : quotient
}

/** First and last ms whose ISO text has a four-digit year, which is all that readers of statistics agree on. */
const isoMsMin = -62135596800000n
const isoMsMax = 253402300799999n

function timestampText(ms: bigint, zone: string): string | undefined {
  if (ms < isoMsMin || ms > isoMsMax) return undefined
  return `"${new Date(Number(ms)).toISOString().slice(0, -1)}${zone}"`
}

function dateText(days: number): string | undefined {
  const ms = BigInt(days) * 86_400_000n
  if (ms < isoMsMin || ms > isoMsMax) return undefined
  return `"${new Date(Number(ms)).toISOString().slice(0, 10)}"`
}
