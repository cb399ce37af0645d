import { SiltError } from '@silt/core'

/**
 * A value as expressions compute with it: boolean; number for byte, short, integer, float, double and date (days); bigint for long, timestamps (µs since the
 * epoch) and decimals (unscaled); string; bytes for binary; for a struct its fields' values in order. NULL is null. Arrays and maps are only NULL or not: `opaque`.
 */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array | SqlStruct
export type SqlStruct = readonly SqlValue[]

/** Stands for an array or a map that is not NULL: no expression that is supported looks into one. */
export const opaque: SqlStruct = Object.freeze([])

/** `expressions/failed` (data): this row has no value, as Spark (ANSI) fails a query; `what` says why. */
export function failure(what: string): SiltError {
  return new SiltError('data', 'expressions/failed', what)
}
