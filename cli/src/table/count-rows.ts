import { isSiltError, SiltError, type ObjectStore } from '@silt/core'
import { decodePath, isAbsolutePath, type AddAction } from '@silt/delta'
import { footerRowCount } from '@silt/parquet/reader'

/** Files without statistics whose footers are read to count rows, and how many at the same time. */
const footersMax = 10_000
const footersAtOnce = 16
/** Most footers are smaller, and one request gets them. */
const tailBytes = 64 * 1024

/** Rows of a live file by its statistics, those that its vector deletes left out; null where it has none. */
export function liveRows(add: AddAction): number | null {
  const records = numRecords(add.stats)
  return records === null ? null : records - (add.deletionVector?.cardinality ?? 0)
}

/** `numRecords` of a file's statistics; null where they lack it, cannot be read or hold no count. */
export function numRecords(stats: string | undefined): number | null {
  if (stats === undefined) return null
  try {
    const { numRecords: count } = JSON.parse(stats) as { readonly numRecords?: unknown }
    return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : null
  } catch {
    return null
  }
}

/**
 * Rows of these live files: by statistics, and where a file has none, by its footer. Null where that cannot be told: more than `footersMax` files
 * without statistics, one that is missing, or out of the store's reach.
 */
export async function countRows(store: ObjectStore, adds: Iterable<AddAction>): Promise<number | null> {
  let rows = 0
  const uncounted: AddAction[] = []
  for (const add of adds) {
    const count = liveRows(add)
    if (count !== null) rows += count
    else if (isAbsolutePath(add.path) || uncounted.push(add) > footersMax) return null
  }
  for (let index = 0; index < uncounted.length; index += footersAtOnce) {
    const counts = await Promise.all(uncounted.slice(index, index + footersAtOnce).map((add) => footerRows(store, add)))
    for (const count of counts) {
      if (count === undefined) return null
      rows += count
    }
  }
  return rows
}

async function footerRows(store: ObjectStore, add: AddAction): Promise<number | undefined> {
  const key = shownPath(add.path)
  const info = await store.head(key)
  if (info === undefined) return undefined
  let tail = await tailOf(store, key, info.sizeBytes, tailBytes)
  const wanted =
    8 + new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getUint32(Math.max(0, tail.byteLength - 8), true)
  if (wanted > tail.byteLength) tail = await tailOf(store, key, info.sizeBytes, wanted)
  return (await footerRowCount(tail)) - (add.deletionVector?.cardinality ?? 0)
}

/** A path as people read it: as it stands where it is none, which a check tells. */
export function shownPath(path: string): string {
  try {
    return decodePath(path)
  } catch (error) {
    if (isSiltError(error, 'delta/invalid-path')) return path
    throw error
  }
}

async function tailOf(store: ObjectStore, key: string, sizeBytes: number, bytes: number): Promise<Uint8Array> {
  const found = await store.get(key, { startByte: Math.max(0, sizeBytes - bytes), endByteExclusive: sizeBytes })
  if (found.kind === 'found' && found.body.byteLength >= 8) return found.body
  throw new SiltError('data', 'table/file-unreadable', `${store.location}/${key} is no Parquet file`)
}
