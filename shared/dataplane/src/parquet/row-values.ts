import { SiltError } from '@silt/core'

/** Each of these takes a value of a row as its type wants it, or throws `parquet/value-does-not-fit` (invalid), which names the column. */
export function misfit(path: string, expected: string): SiltError {
  return new SiltError('invalid', 'parquet/value-does-not-fit', `column ${path} takes ${expected}`, {
    context: { path },
  })
}

export function recordValue(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misfit(path, 'an object')
  return value as Readonly<Record<string, unknown>>
}

export function bytesOf(value: unknown, type: 'string' | 'binary', path: string): Uint8Array {
  if (type === 'string') {
    if (typeof value !== 'string') throw misfit(path, 'a string')
    return Buffer.from(value)
  }
  if (!(value instanceof Uint8Array)) throw misfit(path, 'bytes')
  return value
}

export function numberValue(value: unknown, path: string): number {
  if (typeof value !== 'number') throw misfit(path, 'a number')
  return value
}

export function longValue(value: unknown, path: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value
  throw misfit(path, 'a 64-bit integer')
}

export function integerValue(value: unknown, bits: number, path: string): number {
  const limit = 2 ** (bits - 1)
  if (typeof value === 'number' && Number.isInteger(value) && value >= -limit && value < limit) return value
  throw misfit(path, `a ${bits}-bit integer`)
}

/** Unscaled; text as `-12.50`, with at most `scale` digits behind the point. */
export function decimalValue(
  value: unknown,
  { precision, scale }: { readonly precision: number; readonly scale: number },
  path: string,
): bigint {
  const unscaled = typeof value === 'bigint' ? value : parsedDecimal(value, scale)
  const limit = 10n ** BigInt(precision)
  if (unscaled === undefined || unscaled >= limit || unscaled <= -limit)
    throw misfit(path, `a decimal of ${precision} digits, ${scale} of them behind the point`)
  return unscaled
}

function parsedDecimal(value: unknown, scale: number): bigint | undefined {
  const match = typeof value === 'string' ? /^(-?)(\d+)(?:\.(\d+))?$/.exec(value) : null
  const fraction = match?.[3] ?? ''
  if (match === null || fraction.length > scale) return undefined
  const digits = BigInt(match[2] + fraction.padEnd(scale, '0'))
  return match[1] === '-' ? -digits : digits
}
